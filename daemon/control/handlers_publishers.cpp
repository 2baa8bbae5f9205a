#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {

Result<v1::AddPublisherReply> add_publisher(Engine& engine,
                                            const v1::AddPublisherRequest& request) {
  const auto view =
      engine.add_publisher(as_bytes(request.bundle()), request.petname(), request.dry_run());
  if (!view) return view.error();
  v1::AddPublisherReply reply;
  *reply.mutable_publisher() = to_record(*view);
  reply.set_was_known(view->was_known);
  return reply;
}

Result<v1::ListPublishersReply> list_publishers(Engine& engine, const v1::ListPublishersRequest&) {
  const auto views = engine.publishers();
  if (!views) return views.error();
  v1::ListPublishersReply reply;
  for (const auto& view : *views) *reply.add_publishers() = to_record(view);
  return reply;
}

Result<v1::ShowPublisherReply> show_publisher(Engine& engine,
                                              const v1::ShowPublisherRequest& request) {
  const auto view = engine.find_publisher(request.name());
  if (!view) return view.error();
  v1::ShowPublisherReply reply;
  *reply.mutable_publisher() = to_record(*view);
  reply.set_bundle(std::string(as_text(view->bundle)));
  return reply;
}

Result<v1::RemovePublisherReply> remove_publisher(Engine& engine,
                                                  const v1::RemovePublisherRequest& request) {
  const auto view = engine.remove_publisher(request.name());
  if (!view) return view.error();
  v1::RemovePublisherReply reply;
  *reply.mutable_publisher() = to_record(*view);
  return reply;
}

}  // namespace owrd::control
