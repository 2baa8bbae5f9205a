#include "tests/conformance/attack.h"

#include <algorithm>

#include "daemon/content/files.h"
#include "daemon/release/bundle.h"
#include "daemon/release/feed_torrent.h"
#include "daemon/trust/mutable_item.h"

namespace owrd::conformance {

using engine::AskerPtr;
using engine::GetRequest;
using engine::MadeRelease;
using engine::SourceAnswer;
using engine::TransferDone;
using release::Announced;

::testing::AssertionResult says(const Error& error, ErrorCode code, std::string_view text) {
  const auto facts = engine::code_name(error) + ": " + error.message;
  if (error.code != code)
    return ::testing::AssertionFailure()
           << facts << " is not " << engine::code_name(Error{code, ""});
  if (error.message.find(text) == std::string::npos)
    return ::testing::AssertionFailure() << facts << " does not say: " << text;
  return ::testing::AssertionSuccess() << facts;
}

Bytes flipped(Bytes bytes) {
  bytes[bytes.size() / 2] ^= std::byte{1};
  return bytes;
}

Attack::Attack() {
  settings_.swarm.set_dht(true);
  restart();
  const auto pinned = engine().registry().add_publisher(
      release::encode_bundle([this] {
        v1::Bundle bundle;
        bundle.add_roots(std::string(as_text(lab_.roots.front())));
        return bundle;
      }()),
      "", /*dry_run=*/false);
  EXPECT_TRUE(pinned) << pinned.error().message;
}

/// The nodes of the DHT are there from the beginning.
void Attack::restart() {
  kill_and_restart();
  v1::SwarmStats stats;
  stats.set_dht_nodes(100);
  swarm().report_stats(stats);
}

// --- The lab

void Attack::give_lab_more_places(release::MadeFeed& lab) {
  lab.plan.locators = {lab.key(31).public_key(), lab.key(32).public_key(),
                       lab.key(33).public_key()};
  lab.plan.locations = {kWeb};
}

MadeRelease Attack::make(const std::string& version,
                         const std::function<void(v1::Manifest&)>& change, int signer) const {
  return engine::make_release({lab_.key(signer), lab_.roots.front(), lab_.id()},
                              [&](v1::Manifest& manifest) {
                                manifest.set_version(version);
                                manifest.set_dir("atlas-" + version);
                                if (change) change(manifest);
                              });
}

void Attack::list(const MadeRelease& release) {
  v1::FeedRecord record;
  auto& listed = *record.mutable_release();
  listed.set_model(release.manifest.model());
  listed.set_version(release.manifest.version());
  listed.set_release_id(release.manifest.release_id().to_field());
  listed.set_infohash(release.torrent.infohash.to_field());
  listed.set_bytes(release.manifest.total_bytes());
  lab_.append(record);
}

Announced Attack::announce_changed(const std::function<void(trust::NewHead&)>& change, int signer) {
  const auto made = lab_.announce();
  trust::NewHead what{made.head.publisher_id(), made.head.sequence(),     made.head.issued(),
                      made.head.expires(),      made.head.root_version(), made.head.feed(),
                      made.head.attestations(), made.head.infohash()};
  change(what);
  return {*trust::Head::parse(trust::make_head(what, lab_.key(signer))), made.feed,
          made.attestations};
}

// --- The network

void Attack::seed_feed(const Announced& what) { feeds_.push_back(what); }

swarm::FakeDht::Key Attack::dht_slot(int locator) const {
  return {std::string(as_text(lab_.key(locator).public_key().bytes())),
          std::string(trust::kHeadSalt)};
}

swarm::FakeDht::Item Attack::dht_item(const Announced& what, int locator) const {
  const auto sequence = static_cast<std::int64_t>(what.head.sequence());
  const auto item = *trust::sign_mutable_item(lab_.key(locator), trust::kHeadSalt, sequence,
                                              trust::encode_head_item(what.head));
  return {sequence, std::string(as_text(item.value)), std::string(as_text(item.signature))};
}

void Attack::put_in_dht(const Announced& what, int locator) {
  swarm().dht().items[dht_slot(locator)] = dht_item(what, locator);
}

void Attack::publish(const Announced& what) {
  seed_feed(what);
  for (const auto locator : {31, 32, 33}) put_in_dht(what, locator);
}

v1::Bundle Attack::owrp(const Announced& what) const {
  v1::Bundle bundle;
  for (const auto& root : lab_.roots) bundle.add_roots(std::string(as_text(root)));
  bundle.set_head(std::string(as_text(what.head.envelope().raw)));
  bundle.set_feed(std::string(as_text(what.feed)));
  if (!what.attestations.empty()) bundle.set_attestations(std::string(as_text(what.attestations)));
  return bundle;
}

void Attack::tell(ByteView object, const std::string& peer) {
  ASSERT_TRUE(until_moved([&] { return !swarm().torrents().empty(); }));
  swarm().hear(swarm().torrents().begin()->first, std::string(as_text(object)), peer);
  ASSERT_TRUE(until_moved([&] { return !swarm().has_events(); }));
}

void Attack::move_feed(const Announced& what) {
  const auto torrent = release::derive_feed_torrent(lab_.id(), what.feed, what.attestations);
  std::vector<std::uint64_t> wanting;
  for (const auto& [id, each] : swarm().torrents())
    if (each.add.infohash() == what.head.infohash().to_field() && !each.upload_only)
      wanting.push_back(id);
  for (const auto id : wanting) {
    const auto& add = swarm().find(id)->add;
    if (add.info().empty()) {
      v1::SwarmMetadata metadata;
      metadata.set_info(torrent.info);
      metadata.set_piece_length(torrent.piece_length);
      for (const auto& file : torrent.files) {
        auto& entry = *metadata.add_files();
        entry.set_path(file.path);
        entry.set_length(file.length);
        entry.set_root(file.pieces_root->to_field());
      }
      swarm().find_metadata(id, metadata);
      continue;
    }
    ByteView feed = what.feed, attestations = what.attestations;
    std::vector<std::uint32_t> pieces;
    for (const auto& file : torrent.files) {
      auto& rest = release::is_of_attestations(file.path) ? attestations : feed;
      const auto part = rest.first(static_cast<std::size_t>(file.length));
      rest = rest.subspan(part.size());
      content::put(std::filesystem::path(add.directory()) / file.path, std::string(as_text(part)));
      pieces.push_back(file.first_piece);
    }
    swarm().arrive(id, pieces);
  }
}

void Attack::move_network() {
  for (const auto& feed : feeds_) move_feed(feed);
  for (const auto& release : seeded_) give(release);
}

// --- The daemon

bool Attack::until_moved(const std::function<bool()>& condition) {
  return until([&] {
    move_network();
    return condition();
  });
}

std::vector<SourceAnswer> Attack::refresh() {
  std::vector<SourceAnswer> answers;
  bool is_over = false;
  const auto asking = engine().registry().refresh(
      "lab", [&](const SourceAnswer& answer) { answers.push_back(answer); },
      [&](const auto&) { is_over = true; });
  EXPECT_TRUE(until_moved([&] { return is_over; })) << "a source does not answer";
  return answers;
}

std::optional<SourceAnswer> Attack::answer_of(const std::vector<SourceAnswer>& answers,
                                              const std::string& source) {
  const auto found = std::find_if(answers.begin(), answers.end(), [&](const SourceAnswer& answer) {
    return answer.source == source;
  });
  return found == answers.end() ? std::nullopt : std::optional(*found);
}

void Attack::follow(const Announced& what) {
  publish(what);
  refresh();
  ASSERT_EQ(known_sequence(), what.head.sequence());
}

engine::PublisherView Attack::known() {
  auto view = engine().registry().find_publisher("lab");
  EXPECT_TRUE(view) << view.error().message;
  return *view;
}

std::uint64_t Attack::known_sequence() {
  const auto view = known();
  return view.head ? view.head->sequence() : 0;
}

std::vector<store::StoredEvidence> Attack::evidence() {
  return *engine().registry().evidence("lab");
}

GetRequest Attack::by_name(const std::string& ref) const {
  GetRequest request;
  request.ref = *parse_ref(ref);
  request.directory = to_;
  return request;
}

GetRequest Attack::by_owr(const MadeRelease& release) const {
  GetRequest request;
  request.bundle.emplace();
  for (const auto& root : lab_.roots) request.bundle->add_roots(std::string(as_text(root)));
  request.bundle->set_manifest(std::string(as_text(release.proof)));
  request.directory = to_;
  return request;
}

AskerPtr<TransferDone> Attack::finish(const GetRequest& request) {
  auto asker = get(request);
  EXPECT_TRUE(until_moved([&] { return asker->done.has_value(); })) << "no answer";
  return asker;
}

std::set<std::string> Attack::torrents_ever() {
  std::set<std::string> infohashes;
  for (const auto& command : swarm().commands())
    if (command.has_add()) infohashes.insert(command.add().infohash());
  return infohashes;
}

}  // namespace owrd::conformance
