#include "daemon/engine/resolver.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"

namespace owrd::engine {
namespace {

std::uint64_t proof_limit() { return trust::envelope_limit_bytes(trust::PayloadKind::Manifest); }

Error not_a_release(const std::string& why) {
  return Error{ErrorCode::Corrupt, "the torrent of this magnet link is not an owrd release: " + why,
               "ask its publisher for the magnet link that owrd publish printed"};
}

}  // namespace

Resolver::Resolver(std::shared_ptr<Surroundings> around, GetRequest request,
                   std::function<void(Result<Believed>)> on_end)
    : surroundings_(std::move(around)),
      around_(*surroundings_),
      request_(std::move(request)),
      on_end_(std::move(on_end)),
      added_(around_.world.clock.now()),
      last_sign_(around_.world.clock.steady_now()) {
  around_.link.add_owner(*this);
}

Resolver::~Resolver() { around_.link.remove_owner(*this); }

std::filesystem::path Resolver::directory() const {
  return around_.world.store.directory() / "resolving" / infohash().to_hex();
}

void Resolver::stop() {
  on_end_ = {};
  around_.link.remove_owner(*this);
  torrent_.reset();
  if (const auto removed = content::remove_tree(directory()); !removed)
    around_.world.log(removed.error().message);
}

void Resolver::add_peers(const std::vector<std::string>& peers) {
  request_.peers.insert(request_.peers.end(), peers.begin(), peers.end());
  if (!torrent_ || peers.empty()) return;
  v1::SwarmCommand command;
  command.mutable_connect_peers()->set_id(*torrent_);
  for (const auto& peer : peers) command.mutable_connect_peers()->add_peers(peer);
  around_.link.send(command);
}

/// Adds the torrent by its infohash, or, once the metadata is known, by that, wanting release.owrd
/// alone.
void Resolver::open() {
  if (torrent_ || !on_end_ || stage_ == Stage::Reading || !around_.link.ensure_ready()) return;
  if (const auto made = content::make_directory(directory()); !made) return end(made.error());
  v1::SwarmAdd add;
  add.set_infohash(infohash().to_field());
  add.set_directory(directory().string());
  for (const auto& peer : request_.peers) add.add_peers(peer);
  for (const auto& peer : request_.magnet->peers) add.add_peers(peer);
  for (const auto& peer : stats_.endpoints()) add.add_peers(peer);
  for (const auto& tracker : request_.magnet->trackers) add.add_trackers(tracker);
  if (stage_ == Stage::Proof) {
    add.set_info(metadata_.info());
    // The names in the metadata are anybody's: none is used, and only release.owrd has one here.
    for (int i = 0; i < metadata_.files_size(); ++i)
      add.add_paths(static_cast<std::uint32_t>(i) == proof_index_ ? std::string(release::kProofName)
                                                                  : std::string());
    add.add_wanted_files(proof_index_);
    pieces_ = Bitmap(pieces_->size());
  }
  torrent_ = around_.link.add(*this, std::move(add));
}

void Resolver::on_torrent_event(const v1::SwarmEvent& event) {
  switch (event.event_case()) {
    case v1::SwarmEvent::kMetadata:
      return on_metadata(event.metadata());
    case v1::SwarmEvent::kPieces:
      return on_pieces(event.pieces());
    case v1::SwarmEvent::kStats:
      stats_ = event.stats();
      return;
    case v1::SwarmEvent::kHeard:
      return around_.hear(event.heard().peer(), as_bytes(event.heard().object()));
    case v1::SwarmEvent::kRemoved:
      torrent_.reset();
      return stage_ == Stage::Reading ? read_proof() : open();
    case v1::SwarmEvent::kFailed:
      torrent_.reset();
      return end(not_a_release(event.failed().reason()));
    case v1::SwarmEvent::kDiskError:
      return end(Error{ErrorCode::Io, "fetching release.owrd to " + directory().string() + ": " +
                                          event.disk_error().reason()});
    default:
      return;
  }
}

void Resolver::on_swarm_lost(const std::string&) {
  torrent_.reset();
  if (stage_ == Stage::Reading) stage_ = Stage::Proof;
}

/// The metadata names the files; nothing in it is believed, and only release.owrd is ever written
/// by it.
void Resolver::on_metadata(const v1::SwarmMetadata& metadata) {
  if (stage_ != Stage::Metadata) return;
  last_sign_ = around_.world.clock.steady_now();
  if (metadata.info().empty())
    return end(not_a_release("its metadata is larger than a release's can be"));
  std::optional<std::uint32_t> proof;
  for (int i = 0; i < metadata.files_size(); ++i) {
    const auto& path = metadata.files(i).path();
    if (const auto checked = release::check_path(path); !checked)
      return end(not_a_release(checked.error().message));
    if (path == release::kProofName) proof = static_cast<std::uint32_t>(i);
  }
  if (!proof) return end(not_a_release("it holds no release.owrd"));
  const auto length = metadata.files(static_cast<int>(*proof)).length();
  if (length == 0 || length > proof_limit())
    return end(not_a_release("its release.owrd has " + format_size(length) +
                             ", more than a manifest can have"));

  const auto piece_length = metadata.piece_length();
  if (!hash::is_valid_piece_length(piece_length))
    return end(not_a_release("its piece length is not valid"));
  std::uint64_t first = 0;
  for (std::uint32_t i = 0; i < *proof; ++i)
    first += hash::piece_count(metadata.files(static_cast<int>(i)).length(), piece_length);

  metadata_ = metadata;
  proof_index_ = *proof;
  first_piece_ = static_cast<std::uint32_t>(first);
  pieces_ = Bitmap(static_cast<std::uint32_t>(hash::piece_count(length, piece_length)));
  stage_ = Stage::Proof;
  around_.link.remove(*torrent_);
}

void Resolver::on_pieces(const v1::SwarmPieces& pieces) {
  if (stage_ != Stage::Proof || !pieces_) return;
  last_sign_ = around_.world.clock.steady_now();
  for (const auto piece : pieces.pieces())
    if (piece >= first_piece_ && piece - first_piece_ < pieces_->size())
      pieces_->set(piece - first_piece_);
  if (!pieces_->all()) return;
  stage_ = Stage::Reading;
  around_.link.remove(*torrent_);
}

void Resolver::read_proof() {
  const auto proof =
      content::read_file(directory(), std::string(release::kProofName), proof_limit());
  if (!proof) return end(proof.error());
  end(check_proof(*proof));
}

Result<Believed> Resolver::check_proof(ByteView proof) const {
  auto believed = believe(proof, around_.publishers);
  if (!believed) return around_.refused(believed.error(), proof, "swarm");
  const auto& files = believed->torrent.files;
  bool same = static_cast<int>(files.size()) == metadata_.files_size();
  for (int i = 0; same && i < metadata_.files_size(); ++i) {
    const auto& told = metadata_.files(i);
    const auto& signed_file = files[static_cast<std::size_t>(i)];
    const auto root = signed_file.pieces_root ? signed_file.pieces_root->to_field() : std::string();
    same = told.path() == signed_file.path && told.length() == signed_file.length &&
           told.root() == root;
  }
  if (!same)
    return Error{ErrorCode::BadSignature,
                 "the torrent's list of files differs from the one that " + believed->petname +
                     " signed in release.owrd: this swarm is not the release",
                 "ask " + believed->petname + " for the magnet link of " +
                     ref_text(believed->petname, believed->manifest)};
  if (believed->torrent.infohash != infohash())
    return Error{
        ErrorCode::BadSignature,
        "the torrent's infohash is not the one that follows from the signed manifest: this swarm "
        "is not the release",
        "the release's own magnet link has urn:btmh:1220" + believed->torrent.infohash.to_hex()};
  return believed;
}

void Resolver::end(Result<Believed> result) {
  const auto on_end = std::exchange(on_end_, {});
  if (!on_end) return;
  around_.link.remove_owner(*this);
  torrent_.reset();
  if (const auto removed = content::remove_tree(directory()); !removed)
    around_.world.log(removed.error().message);
  boost::asio::post(around_.world.loop,
                    [on_end, result = std::move(result)]() mutable { on_end(std::move(result)); });
}

void Resolver::listen(GetRequest request, EarPtr<TransferDone> ear) {
  askers_.push_back({std::move(request), std::move(ear), around_.world.clock.steady_now()});
}

bool Resolver::let_go(const EarPtr<TransferDone>& ear) {
  std::erase_if(askers_, [&](const Asker& asker) { return asker.ear == ear; });
  return !askers_.empty();
}

bool Resolver::is_detached() const {
  return std::any_of(askers_.begin(), askers_.end(),
                     [](const Asker& asker) { return asker.request.detach; });
}

bool Resolver::is_awaited() const {
  return std::any_of(askers_.begin(), askers_.end(), [](const Asker& asker) {
    return asker.request.detach || asker.ear->is_listening();
  });
}

void Resolver::step() {
  TransferProgress progress;
  progress.release = view();
  const auto askers = askers_;
  for (const auto& asker : askers) asker.ear->progress(progress);
  check_timeouts();
}

void Resolver::check_timeouts() {
  const auto now = around_.world.clock.steady_now();
  const auto askers = askers_;
  for (const auto& asker : askers) {
    const auto timeout = asker.request.timeout;
    if (timeout.count() == 0 || now - std::max(last_sign_, asker.since) < timeout) continue;
    const Error error{
        ErrorCode::NoSources,
        "fetching the description of " + infohash().to_hex() + ": nothing came for " +
            format_duration(std::chrono::duration_cast<std::chrono::seconds>(timeout)) + ": " +
            waiting_reason(),
        "name a peer with --peer HOST:PORT, or try again later"};
    if (askers_.size() == 1) return end(error);
    let_go(asker.ear);
    asker.ear->done(error);
  }
}

std::string Resolver::waiting_reason() const {
  if (!torrent_) return "the swarm process is starting";
  if (stats_.peers() == 0) return "no peers yet";
  return stage_ == Stage::Metadata ? "waiting for a peer to send the metadata"
                                   : "waiting for a peer to send release.owrd";
}

ReleaseView Resolver::view() const {
  ReleaseView view;
  view.ref = to_string(release::Magnet{infohash(), "", {}, {}});
  view.infohash = infohash();
  view.state = State::Resolving;
  view.detail = waiting_reason();
  view.download_rate = stats_.download_rate();
  view.peers = stats_.peers();
  view.seeds = stats_.seeds();
  view.added = added_;
  return view;
}

}  // namespace owrd::engine
