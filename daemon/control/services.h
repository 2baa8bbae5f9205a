#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/core/result.h"
#include "daemon/engine/views.h"

namespace owrd::control {

using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;

enum class Access { Full, ReadOnly };

/// Where a call came in.
struct Caller {
  Access access = Access::Full;
  std::string socket;  ///< Its path; empty when it has none.
};

/// Takes the events of one server stream. Calls after finish(), and after the client has left, do
/// nothing.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void send(const Message& event) = 0;
  /// May be dropped in favour of a later one, when the client reads slowly.
  virtual void send_progress(const Message& event) = 0;
  virtual void finish(Result<> outcome) = 0;
};

/// A sink for the events of one method; copies share it.
template <class Event>
class Stream {
 public:
  explicit Stream(std::shared_ptr<EventSink> sink) : sink_(std::move(sink)) {}
  void send(const Event& event) const { sink_->send(event); }
  void send_progress(const Event& event) const { sink_->send_progress(event); }
  void finish(Result<> outcome = Done{}) const { sink_->finish(std::move(outcome)); }

 private:
  std::shared_ptr<EventSink> sink_;
};

/// One method of a service and what answers it.
struct Method {
  using Unary = std::function<Result<MessagePtr>(const Message&, const Caller&)>;
  using Streaming =
      std::function<Result<engine::SubscriptionPtr>(const Message&, std::shared_ptr<EventSink>)>;

  const google::protobuf::MethodDescriptor* descriptor;
  const Message* request_type;  ///< The default instance.
  Unary unary;                  ///< Exactly one of the two is set.
  Streaming streaming;

  bool is_stream() const { return descriptor->server_streaming(); }
  /// Marked NO_SIDE_EFFECTS in the schema: on the read-only socket too.
  bool is_read_only() const;
  /// And unary: may be called with GET.
  bool allows_get() const { return is_read_only() && !is_stream(); }
};

/// The methods that a server answers.
class Services {
 public:
  template <class Request, class Reply>
  void add_unary(const std::string& full_name,
                 std::function<Result<Reply>(const Request&, const Caller&)> handler) {
    Method method = make_method(full_name, Request::default_instance(), Reply::default_instance());
    method.unary = [handler = std::move(handler)](const Message& request,
                                                  const Caller& caller) -> Result<MessagePtr> {
      auto reply = handler(static_cast<const Request&>(request), caller);
      if (!reply) return reply.error();
      return MessagePtr(std::make_unique<Reply>(std::move(*reply)));
    };
    add(std::move(method));
  }

  /// `handler` begins the stream and gives what the session holds until the stream is finished or
  /// the client has left.
  template <class Request, class Event>
  void add_stream(
      const std::string& full_name,
      std::function<Result<engine::SubscriptionPtr>(const Request&, Stream<Event>)> handler) {
    Method method = make_method(full_name, Request::default_instance(), Event::default_instance());
    method.streaming = [handler = std::move(handler)](const Message& request,
                                                      std::shared_ptr<EventSink> sink) {
      return handler(static_cast<const Request&>(request), Stream<Event>(std::move(sink)));
    };
    add(std::move(method));
  }

  /// By request path, "/owrd.v1.Daemon/Status"; null when there is none.
  const Method* find(std::string_view path) const;
  /// In alphabetical order of their paths.
  const std::map<std::string, Method, std::less<>>& methods() const { return methods_; }

 private:
  /// `full_name` is "owrd.v1.Daemon.Status"; that it stands in the schema with these types is
  /// asserted.
  static Method make_method(const std::string& full_name, const Message& request,
                            const Message& reply);
  void add(Method method);

  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace owrd::control
