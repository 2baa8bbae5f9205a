#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/hashing.h"
#include "daemon/content/jobs.h"
#include "daemon/content/scan.h"
#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/ref.h"
#include "daemon/core/result.h"
#include "daemon/release/bundle.h"
#include "daemon/release/feed.h"
#include "daemon/release/manifest.h"
#include "daemon/release/torrent.h"
#include "daemon/store/store.h"
#include "daemon/trust/attestation.h"
#include "daemon/trust/head.h"
#include "daemon/trust/notice.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/statement.h"

/// What the engine is asked and what it answers: plain values.
namespace owrd::engine {

/// Whether what is known of a publisher is the newest.
enum class Freshness { None, Fresh, Stale, Expired, Forked };

struct PublisherView {
  trust::RootChain roots;
  std::string petname;
  std::int64_t pinned;
  std::uint32_t releases;  ///< Of it, in the store.
  Bytes bundle = {};       ///< The .owrp; only when it is asked for by name.
  bool was_known = false;
  bool is_own = false;  ///< This daemon signs its heads.
  Freshness freshness = Freshness::None;
  std::int64_t freshness_since = 0;
  std::optional<trust::Head> head = {};
  std::int64_t head_checked = 0;
  std::uint32_t feed_records = 0, listed_releases = 0;
  std::uint32_t evidence = 0;
  std::string link = {};  ///< To follow it; empty when it has no feed.
  std::vector<store::RootSighting> sightings = {};

  const trust::Root& root() const { return roots.newest(); }
};

struct NoticeView {
  trust::Notice notice;
  std::vector<std::string> signed_by;
};

/// A release that a feed lists.
struct ListedView {
  std::string petname;
  Digest publisher_id;
  release::ListedRelease release;
  std::vector<std::string> channels;  ///< Those that name it.
  std::vector<NoticeView> notices;    ///< Those that are believed.
  bool is_yanked = false;
  bool is_withdrawn = false;
  bool is_here = false;                     ///< In the store.
  v1::Stage stage = v1::STAGE_UNSPECIFIED;  ///< By now.

  std::string ref() const { return petname + "/" + release.model + ":" + release.version; }
};

struct ChannelView {
  std::string petname;
  std::string model;
  std::string channel;
  std::string version;
  std::int64_t set = 0;  ///< 0: "latest", which follows from the versions.
  std::optional<Digest> release_id = {};
};

struct LogView {
  std::uint64_t number;
  std::int64_t added;
  std::string text;  ///< One line.
  std::uint64_t root_version = 0;
  std::optional<ListedView> listed = {};
  std::optional<ChannelView> channel = {};
  std::optional<NoticeView> notice = {};
};

/// What a name stands for.
struct ResolvedView {
  ListedView listed;
  std::vector<std::string> warnings;
};

struct MirrorView {
  trust::PublicKey key;
  std::string name;
  std::int64_t pinned = 0;
  bool is_own = false;
};

struct AttestationView {
  std::optional<MirrorView> mirror;  ///< Nothing: of a mirror that is not pinned here.
  trust::Attestation attestation;
};

struct StatementView {
  trust::Statement statement;
  std::string ref = {};        ///< "acme/atlas:1.0"
  std::string pinned_as = {};  ///< The author's key is one of a mirror that is pinned here.
};

enum class State { Resolving, Getting, Verifying, Seeding, Complete, Paused, Damaged, Failed };

/// One release or transfer, as it stands.
struct ReleaseView {
  std::string ref;  ///< "acme/atlas:1.0", or the magnet's infohash while nothing else is known.
  std::optional<Digest> release_id;
  std::optional<Digest> infohash;
  std::optional<Digest> publisher_id;
  State state = State::Resolving;
  std::string detail;  ///< Why it waits or what is wrong.
  std::uint64_t bytes_total = 0, bytes_wanted = 0, bytes_verified = 0;
  std::uint64_t bytes_uploaded = 0, bytes_downloaded = 0;
  std::uint64_t bytes_reused = 0;  ///< Were on the disk already, in other files.
  std::uint64_t download_rate = 0, upload_rate = 0;
  std::uint32_t peers = 0, seeds = 0, files = 0;
  std::int64_t added = 0;
  std::filesystem::path directory;
  std::string license;
  bool is_partial = false;
  std::vector<std::string> damaged_files;
};

struct FileView {
  std::string path;
  std::uint64_t length;
  std::optional<Digest> pieces_root;
  std::optional<Digest> sha256;  ///< None for release.owrd.
  std::uint64_t bytes_verified;
  bool is_wanted;
  v1::FileRole role;
};

struct ReleaseDetails {
  ReleaseView release;
  std::vector<FileView> files;
  Bytes proof;  ///< release.owrd.
  release::Magnet magnet;
  std::vector<std::string> signed_by;  ///< "acme (3F7A 91C2 0B44 88E1)"
  std::int64_t created;
  std::uint64_t piece_length;
  std::vector<std::string> endpoints;
};

struct StatusView {
  std::chrono::seconds uptime;
  std::filesystem::path store;
  std::uint64_t store_free_bytes, store_used_bytes;
  std::vector<std::string> listening;
  std::uint32_t dht_nodes;
  std::uint64_t download_rate, upload_rate;
  std::uint32_t seeding, getting, paused, failed;
  std::vector<std::string> warnings;
  bool worker_running;
  std::uint32_t worker_restarts;
  int worker_pid;
  std::vector<PublisherView> publishers;
  std::string mirror_key;  ///< 64 hex digits.
};

struct PrepareRequest {
  std::filesystem::path directory;
  std::string publisher;  ///< Petname.
  std::string model, version, license;
  std::vector<std::string> trackers;
  bool private_swarm = false;
  v1::Manifest said = {};  ///< What the publisher says: license, and fields 11 to 35.
  /// Published although the audit refuses it: its rules, or what comes before their first dot.
  std::vector<std::string> allow = {};
  std::string allow_reason = {};
  std::string stated_label = {};
  std::vector<std::string> api_endpoints = {};
  /// For each of said.derived_from, the licence by its own manifest; empty: not known.
  std::vector<std::string> parent_licenses = {};
};

struct Prepared {
  release::Manifest manifest;
  std::optional<Bytes> envelope;  ///< When this content is published already.
  std::vector<content::LeftOut> left_out;
  std::vector<std::string> warnings;
};

struct CommitRequest {
  Bytes envelope;
  bool copy = false;
  bool detach = false;
};

struct Committed {
  ReleaseView release;
  release::Magnet magnet;
};

/// Exactly one of the first three.
struct GetRequest {
  std::optional<Ref> ref;
  std::optional<release::Magnet> magnet;
  std::optional<v1::Bundle> bundle;
  std::filesystem::path directory;  ///< Empty for a place in the store.
  std::vector<std::string> include, exclude, peers;
  std::vector<std::string> reuse;  ///< Directories to look in for what is missing.
  /// Handed over although the audit refuses it: its rules, or what comes before their first dot.
  std::vector<std::string> allow;
  std::string accept_license = {};  ///< 64 hex digits: the terms were shown, and are accepted.
  bool dry_run = false;
  bool detach = false;
  bool may_replace = false;  ///< Files of the release that were changed in `directory`.
  std::optional<store::SeedLimit> seed;
  std::chrono::milliseconds timeout{0};  ///< Without progress; 0 is never.
  bool allow_stale = false;              ///< A name is resolved by a head that has expired.
  bool allow_pre = false;                ///< A name may stand for what is not public yet.
  std::string accept_withdrawn = {};     ///< The reason that the publisher gave.
  std::uint32_t require_attestations = 0;
  std::vector<std::string> attested_by = {};  ///< Mirrors that count; empty: all that are pinned.
  std::optional<ResolvedView> resolved = {};  ///< What `ref` stood for, once it is known.
  std::optional<Digest> unaccepted_license = {};  ///< Of a dry run, once it is known.
};

struct TransferPlan {
  ReleaseView release;
  std::vector<FileView> files;
  std::uint64_t bytes_here, bytes_free;
  std::vector<std::string> signed_by;
  bool was_running;
  std::filesystem::path copied_from = {};  ///< Empty: it is fetched.
  std::optional<ResolvedView> resolved = {};
  std::vector<std::string> attested_by = {};  ///< The pinned mirrors that attest it.
  Bytes envelope = {};                        ///< release.owrd.
  /// The terms ask to be accepted, and were not yet; this digest accepts them.
  std::optional<Digest> unaccepted_license = {};
};

struct TransferProgress {
  ReleaseView release;
  std::vector<FileView> active;  ///< At most 6.
  std::optional<std::chrono::seconds> eta;
  std::uint32_t files_done = 0, files_wanted = 0;
};

struct TransferDone {
  ReleaseView release;
  std::chrono::milliseconds elapsed;  ///< Since it was asked for.
  bool is_seeding;
};

/// Either.
struct Target {
  std::optional<Ref> ref;
  std::filesystem::path directory;
};

struct VerifiedFile {
  std::string path;
  bool is_ok;
  bool is_skipped;  ///< Not in the selection.
  std::string problem;
  std::vector<std::uint32_t> bad_pieces;
};

struct VerifyReport {
  ReleaseView release;
  std::vector<VerifiedFile> files;
  bool repaired;
  std::vector<std::string> signed_by;
};

/// How a request that takes its time speaks to whoever asked: some of the first three, then exactly
/// one `done`. Called on the loop's thread, never from within the call that was given it.
template <class T>
struct Observer {
  std::function<void(const content::Progress&)> on_hashing;
  std::function<void(const TransferProgress&)> on_progress;
  std::function<void(const TransferPlan&)> on_plan;
  std::function<void(Result<T>)> on_done;
};

/// Held by whoever asked. Letting it go means "I am not interested any more": no call comes after.
/// What was begun for this asker alone (a Prepare, a dry run, a verification) is cancelled;
/// transfers go on.
class Subscription {
 public:
  virtual ~Subscription() = default;
};
using SubscriptionPtr = std::unique_ptr<Subscription>;

}  // namespace owrd::engine
