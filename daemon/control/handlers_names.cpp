#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {
namespace {

constexpr std::size_t kFoundByDefault = 100;

template <class Views, class Field>
void add_all(const Views& views, Field* field) {
  for (const auto& view : views) *field->Add() = to_record(view);
}

}  // namespace

Result<v1::ResolveReply> resolve(Engine& engine, const v1::ResolveRequest& request) {
  const auto ref = parse_name(request.ref());
  if (!ref) return ref.error();
  engine::Registry::Resolve asked{*ref, request.allow_stale()};
  asked.for_show = true;
  const auto resolved = engine.registry().resolve(asked);
  if (!resolved) return resolved.error();
  v1::ResolveReply reply;
  *reply.mutable_release() = to_record(resolved->listed);
  for (const auto& warning : resolved->warnings) reply.add_warnings(warning);
  return reply;
}

Result<v1::ListNamesReply> list_names(Engine& engine, const v1::ListNamesRequest& request) {
  const auto listed = engine.registry().list(request.name());
  if (!listed) return listed.error();
  v1::ListNamesReply reply;
  add_all(*listed, reply.mutable_releases());
  return reply;
}

Result<v1::ListChannelsReply> list_channels(Engine& engine,
                                            const v1::ListChannelsRequest& request) {
  const auto channels = engine.registry().channels(request.name());
  if (!channels) return channels.error();
  v1::ListChannelsReply reply;
  add_all(*channels, reply.mutable_channels());
  return reply;
}

Result<v1::LogReply> log(Engine& engine, const v1::LogRequest& request) {
  const auto records = engine.registry().log(request.name());
  if (!records) return records.error();
  v1::LogReply reply;
  add_all(*records, reply.mutable_records());
  return reply;
}

Result<v1::SearchReply> search(Engine& engine, const v1::SearchRequest& request) {
  const auto limit = request.limit() == 0 ? kFoundByDefault : request.limit();
  const auto found = engine.registry().search(request.text(), limit);
  if (!found) return found.error();
  v1::SearchReply reply;
  add_all(found->releases, reply.mutable_releases());
  reply.set_is_cut(found->is_cut);
  return reply;
}

}  // namespace owrd::control
