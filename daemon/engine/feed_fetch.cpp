#include "daemon/engine/feed_fetch.h"

#include <algorithm>
#include <utility>

#include "daemon/content/files.h"
#include "daemon/engine/bitmap.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

/// Feeds are small: whoever has one sends it at once.
constexpr auto kPatience = 60s;

Error not_the_feed(const std::string& cause) {
  return {ErrorCode::Corrupt, "the torrent of the feed is not what its head says: " + cause};
}

/// The roots of the segments, when the metadata lists them and nothing else.
Result<std::vector<Digest>> roots_of(const v1::SwarmMetadata& metadata,
                                     const std::vector<release::FeedSegment>& segments) {
  if (metadata.piece_length() != release::kSegmentBytes)
    return not_the_feed("its piece length is " + std::to_string(metadata.piece_length()));
  if (metadata.files_size() != static_cast<int>(segments.size()))
    return not_the_feed("it has " + std::to_string(metadata.files_size()) + " files");
  std::vector<Digest> roots;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& file = metadata.files(static_cast<int>(i));
    const auto root = Digest::from_bytes(as_bytes(file.root()));
    if (!root || file.path() != segments[i].path || file.length() != segments[i].length)
      return not_the_feed("it lists another file than " + segments[i].path);
    roots.push_back(*root);
  }
  return roots;
}

std::string bitmap_of(const std::vector<bool>& have) {
  Bitmap bitmap(static_cast<std::uint32_t>(have.size()));
  for (std::size_t i = 0; i < have.size(); ++i)
    if (have[i]) bitmap.set(static_cast<std::uint32_t>(i));
  return std::string(as_text(bitmap.bytes()));
}

bool all(const std::vector<bool>& have) {
  return std::find(have.begin(), have.end(), false) == have.end();
}

}  // namespace

FeedFetch::FeedFetch(std::shared_ptr<Surroundings> around, Wanted wanted,
                     std::vector<std::string> peers, OnEnd on_end)
    : surroundings_(std::move(around)),
      around_(*surroundings_),
      wanted_(std::move(wanted)),
      peers_(std::move(peers)),
      on_end_(std::move(on_end)),
      last_sign_(around_.world.clock.steady_now()) {
  around_.link.add_owner(*this);
}

FeedFetch::~FeedFetch() { around_.link.remove_owner(*this); }

std::filesystem::path FeedFetch::directory() const {
  return feed_directory(around_.world.store.directory(), wanted_.infohash);
}

void FeedFetch::stop() {
  on_end_ = {};
  around_.link.remove_owner(*this);
  torrent_.reset();
}

void FeedFetch::add_peers(const std::vector<std::string>& peers) {
  peers_.insert(peers_.end(), peers.begin(), peers.end());
  if (!torrent_ || peers.empty()) return;
  v1::SwarmCommand command;
  command.mutable_connect_peers()->set_id(*torrent_);
  for (const auto& peer : peers) command.mutable_connect_peers()->add_peers(peer);
  around_.link.send(command);
}

void FeedFetch::open() {
  const bool wants_torrent = stage_ == Stage::Metadata || stage_ == Stage::Segments;
  if (torrent_ || !on_end_ || !wants_torrent || !around_.link.ensure_ready()) return;
  v1::SwarmAdd add;
  add.set_infohash(wanted_.infohash.to_field());
  add.set_directory(directory().string());
  for (const auto& peer : peers_) add.add_peers(peer);
  for (const auto& peer : stats_.endpoints()) add.add_peers(peer);
  if (stage_ == Stage::Segments) {
    add.set_info(metadata_.info());
    for (const auto& segment : wanted_.segments) add.add_paths(segment.path);
    for (std::size_t i = 0; i < have_.size(); ++i)
      if (!have_[i]) add.add_wanted_files(static_cast<std::uint32_t>(i));
    add.set_have(bitmap_of(have_));
  }
  torrent_ = around_.link.add(*this, std::move(add));
}

void FeedFetch::on_torrent_event(const v1::SwarmEvent& event) {
  switch (event.event_case()) {
    case v1::SwarmEvent::kMetadata:
      return on_metadata(event.metadata());
    case v1::SwarmEvent::kPieces:
      return on_pieces(event.pieces());
    case v1::SwarmEvent::kStats:
      stats_ = event.stats();
      return;
    case v1::SwarmEvent::kRemoved:
      torrent_.reset();
      return on_removed();
    case v1::SwarmEvent::kFailed:
      torrent_.reset();
      return end(not_the_feed(event.failed().reason()));
    case v1::SwarmEvent::kDiskError:
      return end(Error{ErrorCode::Io, "fetching a feed to " + directory().string() + ": " +
                                          event.disk_error().reason()});
    default:
      return;
  }
}

void FeedFetch::on_swarm_lost(const std::string&) { torrent_.reset(); }

/// Authentic, for it hashes to the infohash that the head signs.
void FeedFetch::on_metadata(const v1::SwarmMetadata& metadata) {
  if (stage_ != Stage::Metadata) return;
  last_sign_ = around_.world.clock.steady_now();
  const auto roots = roots_of(metadata, wanted_.segments);
  if (!roots) return end(roots.error());
  metadata_ = metadata;
  stage_ = Stage::Preparing;
  around_.link.remove(*torrent_);
  run<std::vector<bool>>(
      [directory = directory(), segments = wanted_.segments, roots = *roots,
       known = wanted_.known] { return write_known_segments(directory, segments, roots, known); },
      &FeedFetch::on_prepared);
}

void FeedFetch::on_prepared(Result<std::vector<bool>> known) {
  if (!known) return end(known.error());
  have_ = std::move(*known);
  stage_ = all(have_) ? Stage::Reading : Stage::Segments;
  if (torrent_) return;
  on_removed();
}

void FeedFetch::on_removed() {
  if (stage_ == Stage::Reading) return read();
  open();
}

void FeedFetch::on_pieces(const v1::SwarmPieces& pieces) {
  if (stage_ != Stage::Segments) return;
  last_sign_ = around_.world.clock.steady_now();
  for (const auto piece : pieces.pieces())
    if (piece < have_.size()) have_[piece] = true;
  if (!all(have_)) return;
  stage_ = Stage::Reading;
  around_.link.remove(*torrent_);
}

void FeedFetch::read() {
  run<FeedBytes>([directory = directory(),
                  segments = wanted_.segments] { return read_feed(directory, segments); },
                 &FeedFetch::end);
}

void FeedFetch::step() {
  if (around_.world.clock.steady_now() - last_sign_ < kPatience) return;
  end(Error{ErrorCode::NoSources, stats_.peers() == 0
                                      ? "nobody was found who has its feed"
                                      : "the peers that were found do not send its feed"});
}

void FeedFetch::end(Result<FeedBytes> result) {
  const auto on_end = std::exchange(on_end_, {});
  if (!on_end) return;
  around_.link.remove_owner(*this);
  torrent_.reset();
  boost::asio::post(around_.world.loop,
                    [on_end, result = std::move(result)]() mutable { on_end(std::move(result)); });
}

template <class T>
void FeedFetch::run(std::function<Result<T>()> work, void (FeedFetch::*done)(Result<T>)) {
  around_.world.jobs.run<T>([work = std::move(work)](const content::JobContext&) { return work(); },
                            [self = weak_from_this(), done](Result<T> result) {
                              if (const auto alive = self.lock())
                                ((*alive).*done)(std::move(result));
                            });
}

}  // namespace owrd::engine
