#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/byte_stream.h"
#include "daemon/weights/pickle_opcodes.h"
#include "daemon/weights/pickle_scan.h"
#include "daemon/weights/pickle_values.h"

namespace owrd::weights {

/// Walks one pickle by keeping what its stack and memo would hold, never what calls would return.
class PickleMachine {
 public:
  explicit PickleMachine(ByteStream& in) : in_(in) {}

  /// Up to and with STOP, or to where it breaks; the scan then tells so.
  void run();

  const PickleScan& scan() const { return scan_; }
  const PickleValues& values() const { return values_; }
  /// What the pickle as a whole describes; none when it broke.
  std::optional<PickleRef> top() const { return top_; }

 private:
  struct Argument {
    std::uint64_t number = 0;
    std::string text = {};
    std::string second = {};
    bool is_cut = false;
  };

  Result<> step();
  Result<Argument> read_argument(PickleArgument kind);
  Result<Argument> read_counted(std::size_t length_bytes);
  Result<> act(const PickleOpcode& opcode, Argument argument);
  Result<> push_constant(const PickleOpcode& opcode, Argument argument);
  Result<> push_number_line(const Argument& argument);

  Result<> push(PickleRef value);
  Result<> push_new(PickleValue value);
  Result<> push_empty(PickleValue::Kind kind);
  Result<PickleRef> pop();
  /// The value on the top of the stack, which stays.
  Result<PickleRef> peek() const;
  /// What was pushed since the last mark, which goes too.
  Result<std::vector<PickleRef>> pop_mark();
  Result<> push_items(PickleValue::Kind kind, Result<std::vector<PickleRef>> items);
  Result<std::vector<PickleRef>> pop_many(std::size_t count);

  Result<> put(std::uint64_t key);
  Result<> get(std::uint64_t key);
  Result<std::uint64_t> memo_key(const Argument& argument);

  Result<> push_global(const std::string& module, const std::string& name);
  Result<> stack_global();
  Result<> call(std::vector<PickleRef> callable_and_arguments);
  Result<> reduce();
  Result<> new_object(std::size_t operands);
  Result<> inst(const Argument& argument);
  Result<> obj();
  Result<> build();
  Result<> persistent();
  Result<> append_items(Result<std::vector<PickleRef>> items);
  Result<> set_items(Result<std::vector<PickleRef>> items);
  Result<> stop();

  void suspect(const std::string& reason) { scan_.find(PickleVerdict::Suspicious, reason); }

  ByteStream& in_;
  PickleScan scan_;
  PickleValues values_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;  ///< Each: how much of the stack lies under it.
  std::unordered_map<std::uint64_t, PickleRef> memo_;
  std::optional<PickleRef> top_;
  std::bitset<256> suspected_;  ///< The opcodes that are in the scan's reasons.
  bool has_stopped_ = false;
};

}  // namespace owrd::weights
