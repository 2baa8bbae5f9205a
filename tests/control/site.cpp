#include "tests/control/site.h"

#include <cassert>
#include <cstdlib>

namespace owrd::test {
namespace {

std::filesystem::path make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "owrd-control-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

}  // namespace

bool wait_for(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Counts itself, so that a test sees when it is let go.
class Site::Held final : public engine::Subscription {
 public:
  explicit Held(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Held() override { --count_; }

 private:
  std::atomic<int>& count_;
};

control::Services Site::make_services(Site& site) {
  using control::Caller;
  using control::Stream;
  control::Services services;
  services.add_unary<v1::StatusRequest, v1::StatusReply>(
      "owrd.v1.Daemon.Status",
      [](const v1::StatusRequest&, const Caller& caller) -> Result<v1::StatusReply> {
        v1::StatusReply reply;
        reply.set_version("1.2.3");
        reply.set_store_free_bytes(12345678901234);
        reply.set_read_only(caller.access == control::Access::ReadOnly);
        return reply;
      });
  services.add_unary<v1::ReloadRequest, v1::ReloadReply>(
      "owrd.v1.Daemon.Reload",
      [](const v1::ReloadRequest&, const Caller&) -> Result<v1::ReloadReply> {
        return Error{ErrorCode::Config, "owrd.toml: line 3: unknown key \"sed\"",
                     "did you mean seed"};
      });
  services.add_unary<v1::ShutdownRequest, v1::ShutdownReply>(
      "owrd.v1.Daemon.Shutdown",
      [&site](const v1::ShutdownRequest&, const Caller&) -> Result<v1::ShutdownReply> {
        ++site.shutdowns_;
        return v1::ShutdownReply();
      });
  services.add_unary<v1::ShowPublisherRequest, v1::ShowPublisherReply>(
      "owrd.v1.Publishers.Show",
      [](const v1::ShowPublisherRequest& request, const Caller&) -> Result<v1::ShowPublisherReply> {
        return Error{ErrorCode::NotFound, "publisher " + request.name() + " is not pinned",
                     "owrd publisher add FILE"};
      });
  services.add_unary<v1::AddPublisherRequest, v1::AddPublisherReply>(
      "owrd.v1.Publishers.Add",
      [](const v1::AddPublisherRequest& request, const Caller&) -> Result<v1::AddPublisherReply> {
        v1::AddPublisherReply reply;
        reply.mutable_publisher()->set_releases(
            static_cast<std::uint32_t>(request.bundle().size()));
        return reply;
      });
  services.add_unary<v1::BundleRequest, v1::BundleReply>(
      "owrd.v1.Releases.Bundle",
      [](const v1::BundleRequest& request, const Caller&) -> Result<v1::BundleReply> {
        v1::BundleReply reply;
        reply.set_bundle(request.ref());
        return reply;
      });
  services.add_stream<v1::WatchRequest, v1::TransferEvent>(
      "owrd.v1.Releases.Watch",
      [&site](const v1::WatchRequest&,
              Stream<v1::TransferEvent> stream) -> Result<engine::SubscriptionPtr> {
        site.watch_.emplace(std::move(stream));
        return engine::SubscriptionPtr(std::make_unique<Held>(site.open_watches_));
      });
  services.add_stream<v1::GetRequest, v1::TransferEvent>(
      "owrd.v1.Releases.Get",
      [](const v1::GetRequest& request,
         Stream<v1::TransferEvent> stream) -> Result<engine::SubscriptionPtr> {
        if (request.ref() == "fail/now:1")
          return Error{ErrorCode::Untrusted, "publisher fail is not pinned",
                       "owrd publisher add FILE"};
        stream.send(plan(request.bundle().size()));
        stream.finish();
        return engine::SubscriptionPtr();
      });
  return services;
}

v1::TransferEvent Site::progress(std::uint64_t bytes, std::size_t padding) {
  v1::TransferEvent event;
  event.mutable_progress()->mutable_release()->set_bytes_verified(bytes);
  event.mutable_progress()->mutable_release()->set_detail(std::string(padding, 'x'));
  return event;
}

v1::TransferEvent Site::plan(std::uint64_t bytes_here) {
  v1::TransferEvent event;
  event.mutable_plan()->set_bytes_here(bytes_here);
  return event;
}

Site::Site(control::ServerOptions options)
    : directory_(make_directory()),
      work_(boost::asio::make_work_guard(loop_)),
      services_(make_services(*this)) {
  if (options.http.version.empty()) options.http.version = "1.2.3";
  options.on_connections_change = [this](std::size_t open) { connections_ = open; };
  server_ = std::make_unique<control::Server>(loop_, services_, std::move(options));
  for (const auto access : {control::Access::Full, control::Access::ReadOnly}) {
    const bool is_full = access == control::Access::Full;
    auto listening =
        control::ListeningSocket::open({is_full ? socket() : readonly_socket(), 0600, ""});
    assert(listening);
    const auto served = server_->serve(std::move(*listening), access);
    assert(served);
  }
  thread_ = std::thread([this] { loop_.run(); });
}

Site::~Site() {
  on_loop([this] { server_.reset(); });
  work_.reset();
  loop_.stop();
  thread_.join();
  std::filesystem::remove_all(directory_);
}

void Site::on_loop(const std::function<void()>& act) {
  std::promise<void> done;
  boost::asio::post(loop_, [&] {
    act();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace owrd::test
