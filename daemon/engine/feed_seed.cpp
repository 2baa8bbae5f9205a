#include "daemon/engine/feed_seed.h"

#include <utility>

#include "daemon/content/files.h"
#include "daemon/engine/bitmap.h"

namespace owrd::engine {

FeedSeed::FeedSeed(std::shared_ptr<Surroundings> around, release::Torrent torrent, FeedBytes bytes,
                   OnHeard on_heard)
    : surroundings_(std::move(around)),
      around_(*surroundings_),
      torrent_(std::move(torrent)),
      bytes_(std::move(bytes)),
      on_heard_(std::move(on_heard)) {
  around_.link.add_owner(*this);
}

FeedSeed::~FeedSeed() { around_.link.remove_owner(*this); }

void FeedSeed::start() {
  const auto directory = feed_directory(around_.world.store.directory(), infohash());
  std::vector<release::FeedSegment> segments;
  for (const auto& file : torrent_.files) segments.push_back({file.path, file.length});
  around_.world.jobs.run<Done>(
      [directory, segments = std::move(segments), bytes = bytes_](const content::JobContext&) {
        return write_feed(directory, segments, bytes);
      },
      [self = weak_from_this()](Result<> written) {
        const auto alive = self.lock();
        if (!alive) return;
        if (!written)
          return alive->around_.world.log("a feed cannot be seeded: " + written.error().message);
        alive->are_files_there_ = true;
        alive->open();
      });
}

void FeedSeed::stop() {
  is_stopped_ = true;
  around_.link.remove_owner(*this);
  id_.reset();
  const auto directory = feed_directory(around_.world.store.directory(), infohash());
  around_.world.jobs.run<Done>(
      [directory](const content::JobContext&) { return content::remove_tree(directory); },
      [around = surroundings_](Result<> removed) {
        if (!removed) around->world.log(removed.error().message);
      });
}

void FeedSeed::open() {
  if (id_ || is_stopped_ || !are_files_there_ || !around_.link.ensure_ready()) return;
  v1::SwarmAdd add;
  add.set_infohash(torrent_.infohash.to_field());
  add.set_info(torrent_.info);
  add.set_directory(feed_directory(around_.world.store.directory(), torrent_.infohash).string());
  Bitmap have(torrent_.piece_count);
  have.set_all();
  add.set_have(std::string(as_text(have.bytes())));
  add.set_upload_only(true);
  for (const auto& file : torrent_.files) add.add_paths(file.path);
  for (const auto& peer : peers_) add.add_peers(peer);
  id_ = around_.link.add(*this, std::move(add));
  send_objects();
}

void FeedSeed::tell(std::vector<Bytes> objects) {
  objects_ = std::move(objects);
  if (id_) send_objects();
}

void FeedSeed::send_objects() {
  v1::SwarmCommand command;
  command.mutable_tell()->set_id(*id_);
  for (const auto& object : objects_)
    command.mutable_tell()->add_objects(std::string(as_text(object)));
  around_.link.send(command);
}

void FeedSeed::add_peers(const std::vector<std::string>& peers) {
  peers_.insert(peers_.end(), peers.begin(), peers.end());
  if (!id_ || peers.empty()) return;
  v1::SwarmCommand command;
  command.mutable_connect_peers()->set_id(*id_);
  for (const auto& peer : peers) command.mutable_connect_peers()->add_peers(peer);
  around_.link.send(command);
}

std::vector<std::string> FeedSeed::endpoints() const {
  return {stats_.endpoints().begin(), stats_.endpoints().end()};
}

void FeedSeed::on_torrent_event(const v1::SwarmEvent& event) {
  switch (event.event_case()) {
    case v1::SwarmEvent::kHeard:
      return on_heard_(event.heard().peer(), as_bytes(event.heard().object()));
    case v1::SwarmEvent::kStats:
      stats_ = event.stats();
      return;
    case v1::SwarmEvent::kRemoved:
      id_.reset();
      return;
    case v1::SwarmEvent::kFailed:
      id_.reset();
      return around_.world.log("a feed is not seeded: " + event.failed().reason());
    case v1::SwarmEvent::kDiskError:
      return around_.world.log("a feed is not seeded: " + event.disk_error().reason());
    default:
      return;
  }
}

void FeedSeed::on_swarm_lost(const std::string&) { id_.reset(); }

}  // namespace owrd::engine
