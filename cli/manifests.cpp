#include "cli/manifests.h"

#include <optional>
#include <utility>

#include "cli/source.h"

namespace owrd::cli {
namespace {

Result<SignedManifest> parse(const std::string& ref, const std::string& source,
                             const std::string& bytes, const std::string& directory) {
  auto envelope = trust::parse_envelope(as_bytes(bytes), trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  auto manifest = release::Manifest::parse(envelope->payload);
  if (!manifest) return manifest.error();
  return SignedManifest{ref, source, std::move(*envelope), std::move(*manifest), directory};
}

/// The events of a get without its progress.
struct Fetched {
  std::optional<v1::TransferPlan> plan;
  std::optional<v1::TransferDone> done;
};

Result<Fetched> fetch(Daemon& daemon, const v1::GetRequest& request) {
  Fetched fetched;
  const auto end = daemon.client.stream<v1::TransferEvent>(
      "Releases/Get", request, [&fetched](const v1::TransferEvent& event) {
        if (event.has_plan()) fetched.plan = event.plan();
        if (event.has_done()) fetched.done = event.done();
        return true;
      });
  if (!end) return end.error();
  return fetched;
}

/// What the store has of a release, however it is called; nothing when it is not there.
Result<std::optional<v1::ReleaseRecord>> find_stored(Daemon& daemon, const std::string& ref) {
  v1::ShowReleaseRequest request;
  request.set_ref(ref);
  const auto shown = daemon.client.call<v1::ShowReleaseReply>("Releases/Show", request);
  if (shown) return std::optional(shown->release());
  if (shown.error().code == ErrorCode::NotFound) return std::optional<v1::ReleaseRecord>();
  return shown.error();
}

std::string exact_ref(const release::Manifest& manifest) {
  return "@sha256:" + manifest.release_id().to_hex();
}

/// Takes away what was fetched to be looked at, unless somebody wants more of the release by now.
Result<> remove_fetched(Daemon& daemon, const SignedManifest& release,
                        const v1::ReleaseRecord& fetched) {
  const auto stored = find_stored(daemon, exact_ref(release.manifest));
  if (!stored) return stored.error();
  const bool is_as_fetched =
      *stored && (*stored)->partial() && (*stored)->bytes_wanted() == fetched.bytes_wanted();
  if (!is_as_fetched) return Done{};
  v1::RemoveRequest removal;
  removal.set_ref(exact_ref(release.manifest));
  const auto removed = daemon.client.call<v1::RemoveReply>("Releases/Remove", removal);
  return removed ? Result<>(Done{}) : removed.error();
}

}  // namespace

std::string literal_glob(const std::string& path) {
  std::string glob;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) glob += '\\';
    glob += c;
  }
  return glob;
}

Result<SignedManifest> find_manifest(Daemon& daemon, const std::string& source) {
  if (kind_of_source(source) == SourceKind::Ref) {
    v1::ShowReleaseRequest asked;
    asked.set_ref(source);
    const auto shown = daemon.client.call<v1::ShowReleaseReply>("Releases/Show", asked);
    if (shown && !shown->envelope().empty())
      return parse(shown->release().ref(), source, shown->envelope(), shown->release().directory());
    if (!shown && shown.error().code != ErrorCode::NotFound) return shown.error();
  }
  v1::GetRequest request;
  if (const auto set = set_source(source, request); !set) return set.error();
  request.set_dry_run(true);
  const auto fetched = fetch(daemon, request);
  if (!fetched) return fetched.error();
  if (!fetched->plan)
    return Error{ErrorCode::Internal, "the daemon found no manifest of " + source};
  auto found = parse(fetched->plan->release().ref(), source, fetched->plan->envelope(), "");
  if (!found) return found;
  const auto stored = find_stored(daemon, exact_ref(found->manifest));
  if (!stored) return stored.error();
  if (*stored) found->directory = (*stored)->directory();
  return found;
}

Result<> with_fetched_files(Daemon& daemon, const SignedManifest& release,
                            const std::vector<std::string>& paths,
                            const std::function<Result<>(const std::filesystem::path&)>& use) {
  const auto stored = find_stored(daemon, exact_ref(release.manifest));
  if (!stored) return stored.error();
  v1::GetRequest request;
  if (const auto set = set_source(release.source, request); !set) return set.error();
  for (const auto& path : paths) request.add_include(literal_glob(path));
  const auto fetched = fetch(daemon, request);
  if (!fetched) return fetched.error();
  if (!fetched->done) return Error{ErrorCode::Internal, "the fetch ended without its files"};
  const auto used = use(fetched->done->release().directory());
  // What was there before stays, with one file more.
  const auto removed = *stored ? Done{} : remove_fetched(daemon, release, fetched->done->release());
  return used ? removed : used;
}

}  // namespace owrd::cli
