#include "daemon/control/handlers.h"
#include "daemon/control/records.h"
#include "daemon/control/requests.h"

namespace owrd::control {
namespace {

template <class Event>
std::function<void(const content::Progress&)> tell_hashing(const Stream<Event>& stream) {
  return [stream](const content::Progress& progress) {
    Event event;
    *event.mutable_progress() = to_message(progress);
    stream.send_progress(event);
  };
}

}  // namespace

Result<SubscriptionPtr> prepare(Engine& engine, const v1::PrepareRequest& request,
                                Stream<v1::PrepareEvent> stream) {
  const auto asked = to_prepare_request(request);
  if (!asked) return asked.error();

  engine::Observer<engine::Prepared> observer;
  observer.on_hashing = tell_hashing(stream);
  observer.on_done = [stream](const Result<engine::Prepared>& prepared) {
    if (!prepared) return stream.finish(prepared.error());
    v1::PrepareEvent event;
    *event.mutable_prepared() = to_message(*prepared);
    stream.send(event);
    stream.finish();
  };
  return engine.prepare(*asked, std::move(observer));
}

Result<v1::ListLicensesReply> list_licenses(Engine& engine, const v1::ListLicensesRequest&) {
  const auto all = engine.accepted_licenses();
  if (!all) return all.error();
  v1::ListLicensesReply reply;
  for (const auto& each : *all) {
    auto& license = *reply.add_licenses();
    license.set_digest(each.digest.to_hex());
    license.set_ref(each.ref);
    license.set_release_id(each.release_id.to_hex());
    license.set_license(each.license);
    license.set_accepted(each.accepted);
  }
  return reply;
}

Result<SubscriptionPtr> commit(Engine& engine, const DaemonFacts& facts,
                               const v1::CommitRequest& request, Stream<v1::CommitEvent> stream) {
  const bool stays_seeding = !facts.is_private || request.detach();

  engine::Observer<engine::Committed> observer;
  observer.on_hashing = tell_hashing(stream);
  observer.on_done = [stream, stays_seeding](const Result<engine::Committed>& committed) {
    if (!committed) return stream.finish(committed.error());
    v1::CommitEvent event;
    *event.mutable_committed()->mutable_release() = to_record(committed->release);
    event.mutable_committed()->set_magnet(release::to_string(committed->magnet));
    event.mutable_committed()->set_stays_seeding(stays_seeding);
    stream.send(event);
    stream.finish();
  };
  return engine.commit({to_bytes(request.envelope()), request.copy(), request.detach()},
                       std::move(observer));
}

}  // namespace owrd::control
