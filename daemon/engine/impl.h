#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/engine/engine.h"
#include "daemon/engine/publishing.h"
#include "daemon/engine/registry.h"
#include "daemon/engine/resolver.h"
#include "daemon/engine/transfer.h"

namespace owrd::engine {

using TransferPtr = std::shared_ptr<Transfer>;

struct Engine::Impl {
  Impl(World world, Settings settings);
  ~Impl() {
    around.link.shut();
    around.find_related = [](const Transfer&) { return std::vector<OtherRelease>(); };
  }

  // Lifecycle (engine.cpp).
  Result<> start();
  void stop(std::function<void()> done);
  void take_up(const store::PendingGet& pending);
  std::uint32_t count_releases(const Digest& publisher_id) const;
  void tick();
  bool is_at_rest();
  void sweep();
  /// The next tick comes at once.
  void hurry();
  void bury_the_idle();
  void on_buried(const TransferPtr& transfer);
  /// Takes away what a crash left in the store. Files of releases that nobody knows are only told
  /// of: it may be the database that is wrong.
  void clear_up(const std::vector<store::StoredRelease>& releases);
  /// Whether a release that was removed still has this directory in use. If so, `go_on` is called
  /// when it has let go.
  bool waits_for_burial(const std::filesystem::path& directory, std::function<void()> go_on);

  // Finding (engine_releases.cpp).
  Result<TransferPtr> find(const Ref& ref);
  Result<TransferPtr> find_by_digits(const std::string& prefix, const std::string& what);
  Result<TransferPtr> find_by_name(const Ref& ref);
  std::shared_ptr<Resolver> find_resolver(const Ref& ref);
  /// Ends it, here and in the store. Gives what it was.
  Result<ReleaseView> drop_resolver(const std::shared_ptr<Resolver>& resolver);
  TransferPtr find_by_directory(const std::filesystem::path& directory);

  /// Puts a release into the store and gives it a transfer that does nothing yet.
  Result<TransferPtr> add_transfer(store::StoredRelease stored, Believed believed,
                                   const std::vector<bool>& wanted,
                                   const std::vector<store::StoredFile>& files);
  Result<TransferPtr> load_transfer(const store::StoredRelease& stored);
  store::StoredRelease describe(const Believed& believed) const;
  std::filesystem::path place_in_store(const Believed& believed) const;

  // Getting (engine_get.cpp).
  SubscriptionPtr get(const GetRequest& request, Observer<TransferDone> observer);
  Result<> get_known(const GetRequest& request, const TransferPtr& transfer,
                     const EarPtr<TransferDone>& ear);
  Result<> get_believed(const GetRequest& request, Believed believed,
                        const EarPtr<TransferDone>& ear);
  Result<> get_magnet(const GetRequest& request, const EarPtr<TransferDone>& ear);
  Result<> get_bundle(const GetRequest& request, const EarPtr<TransferDone>& ear);
  Result<> get_new(const GetRequest& request, Believed believed, const EarPtr<TransferDone>& ear);
  Result<> copy_out(const GetRequest& request, const TransferPtr& transfer,
                    const std::vector<bool>& wanted, const EarPtr<TransferDone>& ear);
  void confirm(const GetRequest& request, const TransferPtr& transfer,
               const std::vector<bool>& wanted, const EarPtr<TransferDone>& ear);
  Result<> finish_confirming(const GetRequest& request, const TransferPtr& transfer,
                             const std::vector<bool>& wanted,
                             const std::vector<ChangedFile>& changed);
  Result<> fetch_again(Transfer& transfer, const std::vector<bool>& wanted);
  void forget_pending(const Digest& infohash);
  std::filesystem::path place_of(const GetRequest& request, const Believed& believed) const;
  Result<> check_space(const std::filesystem::path& directory, std::uint64_t needed) const;
  std::uint64_t shareable_bytes(const release::Torrent& torrent,
                                const std::vector<bool>& wanted) const;
  /// The releases that may have what this one misses: files with the same root, or other versions
  /// of the same model.
  std::vector<OtherRelease> related_to(const Transfer& one) const;
  TransferPlan plan_of_copy(const GetRequest& request, const Transfer& transfer,
                            const std::vector<bool>& wanted) const;
  /// The answer to a dry run.
  void show_plan(TransferPlan plan, const EarPtr<TransferDone>& ear);
  void on_resolved(const Digest& infohash, Result<Believed> believed);
  void begin(const GetRequest& request, const TransferPtr& transfer,
             const EarPtr<TransferDone>& ear, bool was_running);
  void apply_seed_wish(const GetRequest& request, store::StoredRelease& stored) const;

  // Getting by name (engine_get_named.cpp).
  struct NamedGet {
    GetRequest request;  ///< Its ref names a publisher.
    EarPtr<TransferDone> ear;
    std::shared_ptr<RoundObserver> round;
    std::vector<SourceAnswer> answers = {};
    std::optional<std::chrono::steady_clock::time_point> go_on_at = {};
    bool is_round_over = false;
    bool is_over = false;
  };
  Result<> get_named(const GetRequest& request, const EarPtr<TransferDone>& ear);
  bool must_ask(const KnownPublisher& publisher, const Ref& ref);
  void ask(const KnownPublisher& publisher, const GetRequest& request,
           const EarPtr<TransferDone>& ear);
  void step_named_gets();
  bool may_still_be_listed(const NamedGet& get) const;
  void go_on(NamedGet& get);
  Result<> get_listed(const GetRequest& request, const EarPtr<TransferDone>& ear);
  /// That the release is the one that its publisher lists, and is attested as asked.
  Result<> check_wishes(GetRequest& request, const Believed& believed);
  Result<> check_terms(GetRequest& request, const Believed& believed,
                       const std::vector<bool>& wanted);
  TransferPlan with_wishes(TransferPlan plan, const GetRequest& request) const;

  // What publishers say of releases that are here (engine_news.cpp).
  std::optional<Registry::HeldRelease> find_held(const Digest& release_id) const;
  void on_news(const Digest& publisher_id);
  void judge_again(Transfer& transfer);
  void attest_if_wished(const Transfer& transfer);
  /// With "[attest] auto", one release at a time: hashes and attests what is held whole and is not
  /// attested, or not for long any more.
  void renew_attestations();
  bool is_attestation_due(const Transfer& transfer);
  Error equivocates(const Error& error, ByteView proof, const std::string& source);

  // Publishing (engine_publish.cpp).
  SubscriptionPtr prepare(const PrepareRequest& request, Observer<Prepared> observer);
  std::vector<std::string> parent_licenses(const v1::Manifest& said) const;
  void on_prepared(Result<PreparedRelease> prepared, const EarPtr<Prepared>& ear);
  Result<std::optional<Bytes>> find_published(const PreparedRelease& prepared);
  const release::ListedRelease* find_listed(const release::Manifest& manifest) const;
  Result<> list(const Believed& believed);
  SubscriptionPtr commit(const CommitRequest& request, Observer<Committed> observer);
  Result<> begin_commit(const CommitRequest& request, const EarPtr<Committed>& ear);
  Result<> check_free(const Believed& believed, const std::filesystem::path& directory);
  Result<> commit_again(const CommitRequest& request, const TransferPtr& transfer,
                        const EarPtr<Committed>& ear);
  Result<Committed> finish_commit(const CommitRequest& request, const PreparedRelease& prepared,
                                  Believed believed, const std::filesystem::path& directory,
                                  const std::vector<content::FileIdentity>& identities);
  Committed committed(const TransferPtr& transfer, const CommitRequest& request) const;

  // Seeding and verifying what is there (engine_adopt.cpp).
  SubscriptionPtr seed(const Target& target, std::optional<store::SeedLimit> limit, bool detach,
                       Observer<TransferDone> observer);
  SubscriptionPtr verify(const Target& target, bool repair, Observer<VerifyReport> observer);
  SubscriptionPtr attest(const Ref& ref, Observer<AttestationView> observer);
  Result<> attest(const TransferPtr& transfer, const EarPtr<AttestationView>& ear);
  Result<> seed_known(const TransferPtr& transfer, std::optional<store::SeedLimit> limit,
                      bool detach, const EarPtr<TransferDone>& ear);
  Result<> adopt(const std::filesystem::path& directory, std::optional<store::SeedLimit> limit,
                 bool detach, const EarPtr<TransferDone>& ear);
  Result<> verify_directory(const std::filesystem::path& directory, bool repair,
                            const EarPtr<VerifyReport>& ear);
  void repair_directory(const std::filesystem::path& directory, Believed believed,
                        VerifyReport found, const EarPtr<VerifyReport>& ear);

  /// Answers later, never from within the call that asked.
  template <class T>
  void answer(const EarPtr<T>& ear, Result<T> result) {
    boost::asio::post(around.world.loop, [ear, result = std::move(result)]() mutable {
      ear->done(std::move(result));
    });
  }

  /// Outlives this in whatever the loop still holds.
  std::shared_ptr<Surroundings> surroundings;
  Surroundings& around;
  std::chrono::steady_clock::time_point started;
  boost::asio::steady_timer timer;
  Registry registry;
  std::map<Digest, TransferPtr> transfers;                     ///< By release id.
  std::map<Digest, std::shared_ptr<Resolver>> resolvers;       ///< By infohash.
  std::list<std::shared_ptr<const PreparedRelease>> prepared;  ///< The newest first, a few.
  struct Committing {
    Digest release_id;
    std::string name;  ///< Publisher, model and version.
    std::filesystem::path directory;
  };
  std::vector<std::shared_ptr<NamedGet>> named_gets;
  std::vector<Committing> committing;       ///< Whose files are being put in their place.
  std::set<std::filesystem::path> copying;  ///< Where copies are being made.
  struct Dying {
    TransferPtr transfer;
    bool remove_files;
    bool is_removing = false;  ///< The job runs that takes the files away.
  };
  std::vector<Dying> dying;
  /// What waits until those are gone.
  std::vector<std::function<void()>> after_burial;
  std::chrono::steady_clock::time_point last_sweep;
  bool is_sweeping = false;
  bool is_attesting = false;
  std::chrono::steady_clock::time_point next_attesting;
  std::optional<Digest> attested_last;  ///< Or at least tried.
  bool is_stopping = false;
  bool has_ended_swarm = false;
  std::function<void()> on_stopped;
  std::chrono::steady_clock::time_point stop_deadline;
};

}  // namespace owrd::engine
