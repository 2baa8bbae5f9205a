#include "daemon/weights/pickle_values.h"

#include <utility>

namespace owrd::weights {

PickleRef PickleValues::add(PickleValue value) {
  places_ += value.items.size();
  text_bytes_ += value.text.size();
  values_.push_back(std::move(value));
  return static_cast<PickleRef>(values_.size() - 1);
}

void PickleValues::append(PickleRef container, PickleRef item) {
  ++places_;
  values_[container].items.push_back(item);
}

std::string_view PickleValues::text(PickleRef ref) const {
  return is(ref, PickleValue::Kind::Text) ? std::string_view(values_[ref].text)
                                          : std::string_view();
}

std::string_view PickleValues::callable(PickleRef ref) const {
  const auto& value = values_[ref];
  if (value.kind != PickleValue::Kind::Object || value.items.empty()) return {};
  const auto& function = values_[value.items[0]];
  return function.kind == PickleValue::Kind::Global ? std::string_view(function.text)
                                                    : std::string_view();
}

}  // namespace owrd::weights
