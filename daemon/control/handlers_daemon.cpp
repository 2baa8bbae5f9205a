#include "daemon/control/escapes.h"
#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {

v1::StatusReply status(Engine& engine, const DaemonFacts& facts, const Caller& caller) {
  const auto view = engine.status();
  v1::StatusReply reply;
  reply.set_version(facts.version);
  reply.set_pid(facts.pid);
  reply.set_uid(facts.uid);
  reply.set_is_private(facts.is_private);
  reply.set_socket(valid_utf8(caller.socket));
  reply.set_read_only(caller.access == Access::ReadOnly);
  reply.set_uptime_seconds(static_cast<std::uint64_t>(view.uptime.count()));
  reply.set_store(valid_utf8(view.store.string()));
  reply.set_store_free_bytes(view.store_free_bytes);
  reply.set_store_used_bytes(view.store_used_bytes);
  for (const auto& endpoint : view.listening) reply.add_listening(endpoint);
  reply.set_dht_nodes(view.dht_nodes);
  reply.set_download_rate(view.download_rate);
  reply.set_upload_rate(view.upload_rate);
  reply.set_seeding(view.seeding);
  reply.set_getting(view.getting);
  reply.set_paused(view.paused);
  reply.set_failed(view.failed);
  for (const auto& warning : view.warnings) reply.add_warnings(valid_utf8(warning));
  reply.set_worker_running(view.worker_running);
  reply.set_worker_restarts(view.worker_restarts);
  reply.set_worker_pid(static_cast<std::uint32_t>(view.worker_pid));
  for (const auto& publisher : view.publishers) *reply.add_publishers() = to_record(publisher);
  reply.set_mirror_key(view.mirror_key);
  return reply;
}

Result<v1::ReloadReply> reload(const DaemonFacts& facts, const v1::ReloadRequest&) {
  const auto needs_restart = facts.reload();
  if (!needs_restart) return needs_restart.error();
  v1::ReloadReply reply;
  for (const auto& key : *needs_restart) reply.add_needs_restart(key);
  return reply;
}

Result<v1::ShutdownReply> shutdown(const DaemonFacts& facts, const v1::ShutdownRequest&) {
  facts.shutdown();
  return v1::ShutdownReply();
}

}  // namespace owrd::control
