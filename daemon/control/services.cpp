#include "daemon/control/services.h"

#include <google/protobuf/descriptor.pb.h>

#include <cassert>

namespace owrd::control {

bool Method::is_read_only() const {
  return descriptor->options().idempotency_level() ==
         google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

Method Services::make_method(const std::string& full_name, const Message& request,
                             const Message& reply) {
  const auto* pool = request.GetDescriptor()->file()->pool();
  const auto* descriptor = pool->FindMethodByName(full_name);
  assert(descriptor != nullptr);
  assert(descriptor->input_type() == request.GetDescriptor());
  assert(descriptor->output_type() == reply.GetDescriptor());
  assert(!descriptor->client_streaming());
  return {descriptor, &request, {}, {}};
}

void Services::add(Method method) {
  assert(method.is_stream() == static_cast<bool>(method.streaming));
  const auto* descriptor = method.descriptor;
  std::string path = "/" + descriptor->service()->full_name() + "/" + descriptor->name();
  const bool is_new = methods_.emplace(std::move(path), std::move(method)).second;
  assert(is_new);
}

const Method* Services::find(std::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

}  // namespace owrd::control
