#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {

Result<v1::AddPublisherReply> add_publisher(Engine& engine,
                                            const v1::AddPublisherRequest& request) {
  const auto view = engine.registry().add_publisher(as_bytes(request.bundle()), request.petname(),
                                                    request.dry_run());
  if (!view) return view.error();
  v1::AddPublisherReply reply;
  *reply.mutable_publisher() = to_record(*view);
  reply.set_was_known(view->was_known);
  return reply;
}

Result<v1::ListPublishersReply> list_publishers(Engine& engine, const v1::ListPublishersRequest&) {
  const auto views = engine.registry().publishers();
  if (!views) return views.error();
  v1::ListPublishersReply reply;
  for (const auto& view : *views) *reply.add_publishers() = to_record(view);
  return reply;
}

Result<v1::ShowPublisherReply> show_publisher(Engine& engine,
                                              const v1::ShowPublisherRequest& request) {
  const auto view = engine.registry().find_publisher(request.name());
  if (!view) return view.error();
  v1::ShowPublisherReply reply;
  *reply.mutable_publisher() = to_record(*view);
  reply.set_bundle(std::string(as_text(view->bundle)));
  add_roots(*view, reply.mutable_roots());
  return reply;
}

Result<v1::RemovePublisherReply> remove_publisher(Engine& engine,
                                                  const v1::RemovePublisherRequest& request) {
  const auto removed = engine.registry().remove_publisher(request.name());
  if (!removed) return removed.error();
  v1::RemovePublisherReply reply;
  if (removed->view) *reply.mutable_publisher() = to_record(*removed->view);
  reply.mutable_publisher()->set_id(removed->id.to_hex());
  reply.mutable_publisher()->set_petname(removed->petname);
  return reply;
}

Result<v1::OnlineKeysReply> online_keys(Engine& engine, const v1::OnlineKeysRequest&) {
  const auto keys = engine.registry().online_keys();
  if (!keys) return keys.error();
  v1::OnlineKeysReply reply;
  reply.set_head_key(std::string(as_text(keys->head.bytes())));
  for (const auto& locator : keys->locators)
    reply.add_locator_keys(std::string(as_text(locator.bytes())));
  return reply;
}

Result<v1::SubmitRootReply> submit_root(Engine& engine, const v1::SubmitRootRequest& request) {
  const auto bundle = release::parse_bundle(as_bytes(request.bundle()));
  if (!bundle) return bundle.error();
  const auto view = engine.registry().submit_root(*bundle, request.petname());
  if (!view) return view.error();
  v1::SubmitRootReply reply;
  *reply.mutable_publisher() = to_record(*view);
  reply.set_was_known(view->was_known);
  return reply;
}

Result<v1::SubmitAnchorsReply> submit_anchors(Engine& engine,
                                              const v1::SubmitAnchorsRequest& request) {
  const auto shown = engine.registry().find_publisher(request.name());
  if (!shown) return shown.error();
  std::vector<trust::MutableItem> items;
  for (const auto& anchor : request.anchors()) {
    const auto key = trust::PublicKey::from_bytes(as_bytes(anchor.key()));
    if (!key) return Error{ErrorCode::InvalidInput, "an anchor's key is not 32 bytes"};
    items.push_back({*key, std::string(trust::kAnchorSalt),
                     static_cast<std::int64_t>(shown->root().version()), to_bytes(anchor.value()),
                     to_bytes(anchor.signature())});
  }
  const auto view = engine.registry().submit_anchors(request.name(), items);
  if (!view) return view.error();
  v1::SubmitAnchorsReply reply;
  *reply.mutable_publisher() = to_record(*view);
  return reply;
}

Result<SubscriptionPtr> refresh(Engine& engine, const v1::RefreshRequest& request,
                                Stream<v1::RefreshEvent> stream) {
  return engine.registry().refresh(
      request.name(),
      [stream](const engine::SourceAnswer& answer) {
        v1::RefreshEvent event;
        *event.mutable_source() = to_message(answer);
        stream.send(event);
      },
      [stream](Result<std::vector<engine::PublisherView>> views) {
        if (!views) return stream.finish(views.error());
        v1::RefreshEvent event;
        event.mutable_done();
        for (const auto& view : *views) *event.mutable_done()->add_publishers() = to_record(view);
        stream.send(event);
        stream.finish();
      });
}

Result<v1::SubmitNoticeReply> submit_notice(Engine& engine,
                                            const v1::SubmitNoticeRequest& request) {
  const auto listed = engine.registry().submit_notice(as_bytes(request.envelope()));
  if (!listed) return listed.error();
  v1::SubmitNoticeReply reply;
  *reply.mutable_release() = to_record(*listed);
  return reply;
}

Result<v1::SetChannelReply> set_channel(Engine& engine, const v1::SetChannelRequest& request) {
  v1::ChannelSet setting;
  setting.set_model(request.model());
  setting.set_channel(request.channel());
  setting.set_version(request.version());
  const auto change = engine.registry().set_channel(request.publisher(), setting);
  if (!change) return change.error();
  v1::SetChannelReply reply;
  *reply.mutable_channel() = to_record(change->channel);
  reply.set_before(change->before);
  return reply;
}

Result<v1::EvidenceReply> evidence(Engine& engine, const v1::EvidenceRequest& request) {
  const auto evidence = engine.registry().evidence(request.name());
  if (!evidence) return evidence.error();
  v1::EvidenceReply reply;
  for (const auto& each : *evidence) *reply.add_evidence() = to_record(each);
  return reply;
}

}  // namespace owrd::control
