// The part of the machine that deals with globals and with what is made of them.
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/pickle_globals.h"
#include "daemon/weights/pickle_machine.h"

namespace owrd::weights {
namespace {

using Kind = PickleValue::Kind;

bool is_allowed(std::string_view path) {
  return !path.empty() && kind_of_global(path) == GlobalKind::WeightsOnly;
}

}  // namespace

Result<> PickleMachine::push_global(const std::string& module, const std::string& name) {
  auto path = modern_global(module + "." + name);
  scan_.name_global(path);
  return push_new({Kind::Global, false, 0, std::move(path)});
}

Result<> PickleMachine::stack_global() {
  const auto operands = pop_many(2);
  if (!operands) return operands.error();
  const auto module = std::string(values_.text((*operands)[0]));
  const auto name = std::string(values_.text((*operands)[1]));
  if (!module.empty() && !name.empty()) return push_global(module, name);
  scan_.find(PickleVerdict::Dangerous, "a global whose name only running the pickle could tell");
  return push_empty(Kind::Unknown);
}

/// The first is called, the others are its arguments.
Result<> PickleMachine::call(std::vector<PickleRef> callable_and_arguments) {
  const auto callable = callable_and_arguments.front();
  const auto& value = values_[callable];
  if (value.kind != Kind::Global)
    suspect("calls what is no global");
  else if (!is_allowed(value.text))
    suspect("calls " + quoted(value.text));
  return push_new({Kind::Object, false, 0, "", std::move(callable_and_arguments)});
}

Result<> PickleMachine::reduce() {
  auto operands = pop_many(2);
  if (!operands) return operands.error();
  if (!values_.is((*operands)[1], Kind::Tuple)) suspect("calls with what is no tuple");
  return call(*std::move(operands));
}

Result<> PickleMachine::new_object(std::size_t operands) {
  auto popped = pop_many(operands);
  if (!popped) return popped.error();
  return call({(*popped)[0], (*popped)[1]});
}

Result<> PickleMachine::inst(const Argument& argument) {
  auto arguments = pop_mark();
  if (!arguments) return arguments.error();
  const auto named = push_global(argument.text, argument.second);
  if (!named) return named.error();
  const auto callable = pop();
  if (!callable) return callable.error();
  const auto tuple = push_items(Kind::Tuple, std::move(arguments));
  if (!tuple) return tuple.error();
  const auto packed = pop();
  return packed ? call({*callable, *packed}) : packed.error();
}

Result<> PickleMachine::obj() {
  auto operands = pop_mark();
  if (!operands) return operands.error();
  if (operands->empty()) return Error{ErrorCode::InvalidInput, "no class to make an object of"};
  const auto callable = operands->front();
  operands->erase(operands->begin());
  const auto tuple = push_items(Kind::Tuple, std::move(operands));
  if (!tuple) return tuple.error();
  const auto packed = pop();
  return packed ? call({callable, *packed}) : packed.error();
}

/// PyTorch lets only tensors, parameters and ordered dictionaries have their state set.
Result<> PickleMachine::build() {
  const auto state = pop();
  if (!state) return state.error();
  const auto object = peek();
  if (!object) return object.error();
  const auto callable = values_.callable(*object);
  const bool is_buildable = callable == "collections.OrderedDict" || callable == "torch.Tensor" ||
                            callable == "torch.nn.parameter.Parameter" ||
                            callable.starts_with("torch._utils._rebuild_") ||
                            callable == "torch._tensor._rebuild_from_type_v2";
  if (!is_buildable || !is_allowed(callable)) suspect("sets the state of what is no tensor");
  return Done{};
}

/// torch.save asks for storages by ('storage', type, key, location, elements).
Result<> PickleMachine::persistent() {
  const auto id = pop();
  if (!id) return id.error();
  const auto& value = values_[*id];
  const bool is_storage = value.kind == Kind::Tuple && !value.items.empty() &&
                          values_.text(value.items[0]) == "storage";
  if (!is_storage) suspect("asks for what is no storage");
  return push_new({Kind::Persistent, false, 0, "", {*id}});
}

}  // namespace owrd::weights
