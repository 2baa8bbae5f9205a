#include "daemon/control/handlers.h"
#include "daemon/control/records.h"
#include "daemon/control/requests.h"

namespace owrd::control {
namespace {

engine::Observer<engine::TransferDone> observe_transfer(const Stream<v1::TransferEvent>& stream) {
  engine::Observer<engine::TransferDone> observer;
  observer.on_hashing = [stream](const content::Progress& progress) {
    v1::TransferEvent event;
    *event.mutable_hashing() = to_message(progress);
    stream.send_progress(event);
  };
  observer.on_progress = [stream](const engine::TransferProgress& progress) {
    v1::TransferEvent event;
    *event.mutable_progress() = to_message(progress);
    stream.send_progress(event);
  };
  observer.on_plan = [stream](const engine::TransferPlan& plan) {
    v1::TransferEvent event;
    *event.mutable_plan() = to_message(plan);
    stream.send(event);
  };
  observer.on_done = [stream](const Result<engine::TransferDone>& done) {
    if (!done) return stream.finish(done.error());
    v1::TransferEvent event;
    *event.mutable_done() = to_message(*done);
    stream.send(event);
    stream.finish();
  };
  return observer;
}

engine::Observer<engine::VerifyReport> observe_verification(const Stream<v1::VerifyEvent>& stream) {
  engine::Observer<engine::VerifyReport> observer;
  observer.on_hashing = [stream](const content::Progress& progress) {
    v1::VerifyEvent event;
    *event.mutable_progress() = to_message(progress);
    stream.send_progress(event);
  };
  observer.on_progress = [stream](const engine::TransferProgress& progress) {
    v1::VerifyEvent event;
    *event.mutable_repairing() = to_message(progress);
    stream.send_progress(event);
  };
  observer.on_done = [stream](const Result<engine::VerifyReport>& report) {
    if (!report) return stream.finish(report.error());
    v1::VerifyEvent event;
    *event.mutable_report() = to_message(*report);
    stream.send(event);
    stream.finish();
  };
  return observer;
}

}  // namespace

Result<v1::ListReleasesReply> list_releases(Engine& engine, const v1::ListReleasesRequest&) {
  v1::ListReleasesReply reply;
  for (const auto& view : engine.releases()) *reply.add_releases() = to_record(view);
  return reply;
}

Result<v1::ShowReleaseReply> show_release(Engine& engine, const v1::ShowReleaseRequest& request) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  const auto details = engine.show(*ref);
  if (!details) return details.error();
  return to_reply(*details);
}

Result<SubscriptionPtr> get(Engine& engine, const v1::GetRequest& request,
                            Stream<v1::TransferEvent> stream) {
  const auto asked = to_get_request(request);
  if (!asked) return asked.error();
  return engine.get(*asked, observe_transfer(stream));
}

Result<SubscriptionPtr> watch(Engine& engine, const v1::WatchRequest& request,
                              Stream<v1::TransferEvent> stream) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  return engine.watch(*ref, observe_transfer(stream));
}

Result<v1::PauseReply> pause(Engine& engine, const v1::PauseRequest& request) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  const auto view = engine.pause(*ref, request.only_unresolved());
  if (!view) return view.error();
  v1::PauseReply reply;
  *reply.mutable_release() = to_record(*view);
  return reply;
}

Result<v1::ResumeReply> resume(Engine& engine, const v1::ResumeRequest& request) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  const auto view = engine.resume(*ref);
  if (!view) return view.error();
  v1::ResumeReply reply;
  *reply.mutable_release() = to_record(*view);
  return reply;
}

Result<v1::RemoveReply> remove(Engine& engine, const v1::RemoveRequest& request) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  const auto removed = engine.remove(*ref, request.keep_files(), request.dry_run());
  if (!removed) return removed.error();
  v1::RemoveReply reply;
  *reply.mutable_release() = to_record(removed->release);
  reply.set_files_removed(removed->files_removed);
  return reply;
}

Result<SubscriptionPtr> seed(Engine& engine, const v1::SeedRequest& request,
                             Stream<v1::TransferEvent> stream) {
  const auto target = to_target(request);
  if (!target) return target.error();
  const auto limit = to_seed_limit(request.has_limit() ? &request.limit() : nullptr);
  return engine.seed(*target, limit, request.detach(), observe_transfer(stream));
}

Result<SubscriptionPtr> verify(Engine& engine, const v1::VerifyRequest& request,
                               Stream<v1::VerifyEvent> stream) {
  const auto target = to_target(request);
  if (!target) return target.error();
  return engine.verify(*target, request.repair(), observe_verification(stream));
}

Result<v1::BundleReply> bundle(Engine& engine, const v1::BundleRequest& request) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  const auto bytes = engine.bundle(*ref);
  if (!bytes) return bytes.error();
  const auto details = engine.show(*ref);
  if (!details) return details.error();
  v1::BundleReply reply;
  reply.set_bundle(std::string(as_text(*bytes)));
  *reply.mutable_release() = to_record(details->release);
  return reply;
}

}  // namespace owrd::control
