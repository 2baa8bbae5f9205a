#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {

Result<Digest> release_of(Engine& engine, const std::string& text) {
  const auto ref = parse_name(text);
  if (!ref) return ref.error();
  if (const auto details = engine.show(*ref)) return *details->release.release_id;
  engine::Registry::Resolve asked{*ref};
  asked.for_show = true;
  const auto resolved = engine.registry().resolve(asked);
  if (!resolved) return resolved.error();
  return resolved->listed.release.release_id;
}

Result<v1::AddMirrorReply> add_mirror(Engine& engine, const v1::AddMirrorRequest& request) {
  const auto mirror = engine.registry().add_mirror(request.key(), request.name());
  if (!mirror) return mirror.error();
  v1::AddMirrorReply reply;
  *reply.mutable_mirror() = to_record(*mirror);
  return reply;
}

Result<v1::ListMirrorsReply> list_mirrors(Engine& engine, const v1::ListMirrorsRequest&) {
  const auto mirrors = engine.registry().mirrors();
  if (!mirrors) return mirrors.error();
  v1::ListMirrorsReply reply;
  for (const auto& each : *mirrors) *reply.add_mirrors() = to_record(each);
  return reply;
}

Result<v1::RemoveMirrorReply> remove_mirror(Engine& engine,
                                            const v1::RemoveMirrorRequest& request) {
  const auto mirror = engine.registry().remove_mirror(request.name());
  if (!mirror) return mirror.error();
  v1::RemoveMirrorReply reply;
  *reply.mutable_mirror() = to_record(*mirror);
  return reply;
}

Result<SubscriptionPtr> attest(Engine& engine, const v1::AttestRequest& request,
                               Stream<v1::AttestEvent> stream) {
  const auto ref = parse_ref(request.ref());
  if (!ref) return ref.error();
  engine::Observer<engine::AttestationView> observer;
  observer.on_hashing = [stream](const content::Progress& progress) {
    v1::AttestEvent event;
    *event.mutable_progress() = to_message(progress);
    stream.send_progress(event);
  };
  observer.on_done = [stream](const Result<engine::AttestationView>& attested) {
    if (!attested) return stream.finish(attested.error());
    v1::AttestEvent event;
    *event.mutable_attested() = to_record(*attested);
    stream.send(event);
    stream.finish();
  };
  return engine.attest(*ref, std::move(observer));
}

Result<v1::AttestationsReply> attestations(Engine& engine, const v1::AttestationsRequest& request) {
  const auto id = release_of(engine, request.ref());
  if (!id) return id.error();
  const auto attestations = engine.registry().attestations(*id);
  if (!attestations) return attestations.error();
  v1::AttestationsReply reply;
  for (const auto& each : *attestations) *reply.add_attestations() = to_record(each);
  return reply;
}

}  // namespace owrd::control
