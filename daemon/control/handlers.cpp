#include "daemon/control/handlers.h"

#include <utility>

namespace owrd::control {
namespace {

/// Registers the functions of handlers.h under the names of the schema.
class Registration {
 public:
  explicit Registration(Engine& engine) : engine_(engine) {}

  template <class Request, class Reply>
  void add(const char* name, Result<Reply> (*handler)(Engine&, const Request&)) {
    services_.add_unary<Request, Reply>(
        name, [&engine = engine_, handler](const Request& request, const Caller&) {
          return handler(engine, request);
        });
  }
  template <class Request, class Event>
  void add(const char* name,
           Result<SubscriptionPtr> (*handler)(Engine&, const Request&, Stream<Event>)) {
    services_.add_stream<Request, Event>(
        name, [&engine = engine_, handler](const Request& request, Stream<Event> stream) {
          return handler(engine, request, std::move(stream));
        });
  }

  Services& services() { return services_; }

 private:
  Engine& engine_;
  Services services_;
};

void add_those_of_the_process(Engine& engine, const DaemonFacts& facts, Services& services) {
  services.add_unary<v1::StatusRequest, v1::StatusReply>(
      "owrd.v1.Daemon.Status",
      [&engine, facts](const v1::StatusRequest&, const Caller& caller) -> Result<v1::StatusReply> {
        return status(engine, facts, caller);
      });
  services.add_unary<v1::ReloadRequest, v1::ReloadReply>(
      "owrd.v1.Daemon.Reload",
      [facts](const v1::ReloadRequest& request, const Caller&) { return reload(facts, request); });
  services.add_unary<v1::ShutdownRequest, v1::ShutdownReply>(
      "owrd.v1.Daemon.Shutdown", [facts](const v1::ShutdownRequest& request, const Caller&) {
        return shutdown(facts, request);
      });
  services.add_stream<v1::CommitRequest, v1::CommitEvent>(
      "owrd.v1.Publishing.Commit",
      [&engine, facts](const v1::CommitRequest& request, Stream<v1::CommitEvent> stream) {
        return commit(engine, facts, request, std::move(stream));
      });
}

}  // namespace

Services make_services(Engine& engine, DaemonFacts facts) {
  Registration table(engine);
  add_those_of_the_process(engine, facts, table.services());
  table.add("owrd.v1.Publishers.Add", add_publisher);
  table.add("owrd.v1.Publishers.List", list_publishers);
  table.add("owrd.v1.Publishers.Show", show_publisher);
  table.add("owrd.v1.Publishers.Remove", remove_publisher);
  table.add("owrd.v1.Publishers.OnlineKeys", online_keys);
  table.add("owrd.v1.Publishers.SubmitRoot", submit_root);
  table.add("owrd.v1.Publishers.SubmitAnchors", submit_anchors);
  table.add("owrd.v1.Publishers.Refresh", refresh);
  table.add("owrd.v1.Publishers.SubmitNotice", submit_notice);
  table.add("owrd.v1.Publishers.SetChannel", set_channel);
  table.add("owrd.v1.Publishers.Evidence", evidence);
  table.add("owrd.v1.Names.Resolve", resolve);
  table.add("owrd.v1.Names.List", list_names);
  table.add("owrd.v1.Names.Channels", list_channels);
  table.add("owrd.v1.Names.Log", log);
  table.add("owrd.v1.Names.Search", search);
  table.add("owrd.v1.Mirrors.Add", add_mirror);
  table.add("owrd.v1.Mirrors.List", list_mirrors);
  table.add("owrd.v1.Mirrors.Remove", remove_mirror);
  table.add("owrd.v1.Mirrors.Attest", attest);
  table.add("owrd.v1.Mirrors.Attestations", attestations);
  table.add("owrd.v1.Licenses.List", list_licenses);
  table.add("owrd.v1.Statements.Submit", submit_statement);
  table.add("owrd.v1.Statements.List", list_statements);
  table.add("owrd.v1.Publishing.Prepare", prepare);
  table.add("owrd.v1.Releases.List", list_releases);
  table.add("owrd.v1.Releases.Show", show_release);
  table.add("owrd.v1.Releases.Get", get);
  table.add("owrd.v1.Releases.Watch", watch);
  table.add("owrd.v1.Releases.Pause", pause);
  table.add("owrd.v1.Releases.Resume", resume);
  table.add("owrd.v1.Releases.Remove", remove);
  table.add("owrd.v1.Releases.Seed", seed);
  table.add("owrd.v1.Releases.Verify", verify);
  table.add("owrd.v1.Releases.Bundle", bundle);
  return std::move(table.services());
}

}  // namespace owrd::control
