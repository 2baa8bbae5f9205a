// The engine's seed and verify: releases that lie in a directory already.

#include <utility>

#include "daemon/engine/impl.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"

namespace owrd::engine {
namespace {

Result<Believed> believe_directory(const std::filesystem::path& directory,
                                   const KnownPublishers& publishers) {
  const auto limit = trust::envelope_limit_bytes(trust::PayloadKind::Manifest);
  const auto proof = content::read_file(directory, std::string(release::kProofName), limit);
  if (proof) return believe(*proof, publishers);
  if (proof.error().code != ErrorCode::NotFound) return proof.error();
  return Error{ErrorCode::NotFound, directory.string() + " holds no release.owrd",
               "name the directory of a release: the one that holds release.owrd"};
}

/// All files of a release, to be held against what they must be.
std::vector<StagedFile> all_files(const Believed& believed,
                                  const std::filesystem::path& directory) {
  const auto layers = read_layers(directory, believed.manifest);
  std::vector<StagedFile> files;
  for (std::size_t i = 0; i < believed.torrent.files.size(); ++i)
    files.push_back({static_cast<std::uint32_t>(i),
                     expected_file(believed.torrent, i, layers ? &*layers : nullptr),
                     std::nullopt});
  return files;
}

VerifyReport report_on(const Believed& believed, const std::filesystem::path& directory,
                       const std::vector<SettledFile>& files) {
  VerifyReport report{};
  report.release.ref = ref_text(believed.petname, believed.manifest);
  report.release.release_id = believed.manifest.release_id();
  report.release.infohash = believed.torrent.infohash;
  report.release.publisher_id = believed.manifest.publisher_id();
  report.release.state = State::Complete;
  report.release.directory = directory;
  report.release.license = believed.manifest.license();
  report.release.files = static_cast<std::uint32_t>(files.size());
  report.signed_by = believed.signed_by;
  for (const auto& file : files) {
    const auto& target = believed.torrent.files[file.index];
    const bool is_good = file.check.state == content::CheckedFile::State::Good;
    report.release.bytes_total += target.length;
    if (is_good) report.release.bytes_verified += target.length;
    report.files.push_back(
        {target.path, is_good, false, file.check.problem, file.check.bad_pieces});
  }
  report.release.bytes_wanted = report.release.bytes_total;
  return report;
}

Error not_complete(const std::string& ref) {
  return Error{ErrorCode::Busy, ref + " is not complete yet", "owrd get " + ref};
}

bool all_good(const VerifyReport& report) {
  for (const auto& file : report.files)
    if (!file.is_ok) return false;
  return true;
}

std::string first_problem(const VerifyReport& report) {
  for (const auto& file : report.files)
    if (!file.is_ok) return file.path + ": " + file.problem;
  return "";
}

}  // namespace

SubscriptionPtr Engine::Impl::seed(const Target& target, std::optional<store::SeedLimit> limit,
                                   bool detach, Observer<TransferDone> observer) {
  const auto ear = std::make_shared<Ear<TransferDone>>(std::move(observer));
  const auto refuse = [&](const Error& error) {
    answer<TransferDone>(ear, error);
    return std::make_unique<EarSubscription<TransferDone>>(ear);
  };
  const auto found =
      target.ref ? find(*target.ref) : Result<TransferPtr>(find_by_directory(target.directory));
  if (!found) return refuse(found.error());
  const auto begun =
      *found ? seed_known(*found, limit, detach, ear) : adopt(target.directory, limit, detach, ear);
  if (!begun) return refuse(begun.error());
  return std::make_unique<EarSubscription<TransferDone>>(ear);
}

Result<> Engine::Impl::seed_known(const TransferPtr& transfer,
                                  std::optional<store::SeedLimit> limit, bool detach,
                                  const EarPtr<TransferDone>& ear) {
  if (!transfer->is_complete()) return not_complete(transfer->view().ref);
  if (detach) transfer->set_detached();
  const auto set = transfer->set_seed_after(true, limit.value_or(store::SeedLimit{}));
  if (!set) return set.error();
  transfer->activate();
  answer<TransferDone>(ear, TransferDone{transfer->view(), std::chrono::milliseconds(0), true});
  return Done{};
}

Result<> Engine::Impl::adopt(const std::filesystem::path& directory,
                             std::optional<store::SeedLimit> limit, bool detach,
                             const EarPtr<TransferDone>& ear) {
  auto believed = believe_directory(directory, around.publishers);
  if (!believed) return believed.error();
  const auto known = transfers.find(believed->manifest.release_id());
  if (known != transfers.end())
    return Error{ErrorCode::AlreadyExists,
                 known->second->view().ref + " is here already, in " +
                     known->second->stored().directory.string(),
                 known->second->is_whole()
                     ? "owrd seed " + known->second->view().ref
                     : "to take up this copy instead, first: owrd rm --keep-files " +
                           known->second->view().ref};
  const auto again = [this, directory, limit, detach, ear] {
    if (const auto begun = adopt(directory, limit, detach, ear); !begun) ear->done(begun.error());
  };
  if (waits_for_burial(directory, again)) return Done{};
  const auto job = around.world.jobs.run<std::vector<SettledFile>>(
      [directory, believed = *believed](const content::JobContext& context) {
        return take_up_files(directory, all_files(believed, directory),
                             believed.manifest.piece_length(), TakeUp::Look, context);
      },
      [this, directory, believed = *believed, limit, detach,
       ear](Result<std::vector<SettledFile>> files) {
        if (!files) return ear->done(files.error());
        const auto report = report_on(believed, directory, *files);
        if (!all_good(report))
          return ear->done(Error{ErrorCode::Corrupt,
                                 directory.string() + " is not a whole copy of " +
                                     report.release.ref + ": " + first_problem(report),
                                 "owrd verify --repair " + directory.string()});
        auto stored = describe(believed);
        stored.directory = directory;
        stored.ownership = store::Ownership::Given;
        stored.intent = store::Intent::Seed;
        stored.seed_limit = limit.value_or(store::SeedLimit{});
        stored.completed = stored.added;
        const std::vector<bool> wanted(believed.torrent.files.size(), true);
        FileTable table(believed.torrent, wanted, {});
        for (const auto& file : *files) table.set_verified(file.index, file.check.identity);
        const auto transfer = add_transfer(std::move(stored), believed, wanted, table.rows());
        if (!transfer) return ear->done(transfer.error());
        if (detach) (*transfer)->set_detached();
        (*transfer)->activate();
        ear->done(TransferDone{(*transfer)->view(), std::chrono::milliseconds(0), true});
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  ear->set_on_let_go([job] { job.cancel(); });
  return Done{};
}

SubscriptionPtr Engine::Impl::verify(const Target& target, bool repair,
                                     Observer<VerifyReport> observer) {
  const auto ear = std::make_shared<Ear<VerifyReport>>(std::move(observer));
  const auto begun = [&]() -> Result<> {
    const auto found =
        target.ref ? find(*target.ref) : Result<TransferPtr>(find_by_directory(target.directory));
    if (!found) return found.error();
    if (!*found) return verify_directory(target.directory, repair, ear);
    if ((*found)->is_complete()) return (*found)->verify(ear, repair);
    if (repair) return (*found)->go_on_repairing(ear);
    if (!target.ref) return verify_directory(target.directory, repair, ear);
    return not_complete((*found)->view().ref);
  }();
  if (!begun) answer<VerifyReport>(ear, begun.error());
  return std::make_unique<EarSubscription<VerifyReport>>(ear);
}

SubscriptionPtr Engine::Impl::attest(const Ref& ref, Observer<AttestationView> observer) {
  const auto ear = std::make_shared<Ear<AttestationView>>(std::move(observer));
  const auto found = find(ref);
  const auto begun = found ? attest(*found, ear) : Result<>(found.error());
  if (!begun) answer<AttestationView>(ear, begun.error());
  return std::make_unique<EarSubscription<AttestationView>>(ear);
}

Result<> Engine::Impl::attest(const TransferPtr& transfer, const EarPtr<AttestationView>& ear) {
  if (!transfer->is_complete() || transfer->is_partial())
    return Error{ErrorCode::Busy, transfer->view().ref + " is not here as a whole",
                 "only what is held completely can be attested: owrd get " + transfer->view().ref};
  Observer<VerifyReport> inner;
  inner.on_hashing = [ear](const content::Progress& progress) { ear->hashing(progress); };
  inner.on_done = [this, ear, transfer](Result<VerifyReport> report) {
    if (!report) return ear->done(report.error());
    if (!all_good(*report))
      return ear->done(Error{ErrorCode::Corrupt,
                             report->release.ref + " is not attested: " + first_problem(*report),
                             "owrd verify --repair " + report->release.ref});
    ear->done(registry.attest(transfer->believed()));
  };
  const auto verified = std::make_shared<Ear<VerifyReport>>(std::move(inner));
  ear->set_on_let_go([verified] { verified->let_go(); });
  return transfer->verify(verified, /*repair=*/false);
}

/// A directory that the store does not know: its own release.owrd and a pinned publisher are all
/// that is needed.
Result<> Engine::Impl::verify_directory(const std::filesystem::path& directory, bool repair,
                                        const EarPtr<VerifyReport>& ear) {
  auto believed = believe_directory(directory, around.publishers);
  if (!believed) return believed.error();
  const auto job = around.world.jobs.run<std::vector<SettledFile>>(
      [directory, believed = *believed](const content::JobContext& context) {
        return take_up_files(directory, all_files(believed, directory),
                             believed.manifest.piece_length(), TakeUp::Look, context);
      },
      [this, directory, believed = *believed, repair, ear](Result<std::vector<SettledFile>> files) {
        if (!files) return ear->done(files.error());
        auto report = report_on(believed, directory, *files);
        if (!repair || all_good(report)) return ear->done(std::move(report));
        repair_directory(directory, believed, std::move(report), ear);
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  ear->set_on_let_go([job] { job.cancel(); });
  return Done{};
}

/// A repair is a get into the directory, which takes up what is good there.
void Engine::Impl::repair_directory(const std::filesystem::path& directory, Believed believed,
                                    VerifyReport found, const EarPtr<VerifyReport>& ear) {
  GetRequest request;
  request.directory = directory;
  request.may_replace = true;
  Observer<TransferDone> observer;
  observer.on_progress = [ear](const TransferProgress& progress) { ear->progress(progress); };
  observer.on_done = [ear, found = std::move(found)](Result<TransferDone> done) mutable {
    if (!done) return ear->done(done.error());
    found.release = done->release;
    found.repaired = true;
    ear->done(std::move(found));
  };
  const auto inner = std::make_shared<Ear<TransferDone>>(std::move(observer));
  const auto begun = get_believed(request, std::move(believed), inner);
  if (!begun) ear->done(begun.error());
}

SubscriptionPtr Engine::attest(const Ref& ref, Observer<AttestationView> observer) {
  return impl_->attest(ref, std::move(observer));
}

}  // namespace owrd::engine
