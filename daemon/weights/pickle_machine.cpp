#include "daemon/weights/pickle_machine.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "daemon/core/text.h"

namespace owrd::weights {
namespace {

using Kind = PickleValue::Kind;

constexpr std::uint64_t kOpcodeLimit = 50'000'000;
constexpr std::size_t kKeptTextBytes = 4096;
constexpr std::size_t kLineLimitBytes = 1 << 20;
constexpr std::uint8_t kLastProtocol = 5;

Error breaks(std::string reason) { return Error{ErrorCode::InvalidInput, std::move(reason)}; }

std::int64_t parse_integer(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What Python's escapes \xNN and \uNNNN stand for, as far as that is ASCII.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(i, 2) == "\\x" ? 2U : text.substr(i, 2) == "\\u" ? 4U : 0U;
    unsigned code = 128;
    const auto hex = digits == 0 ? std::string_view() : text.substr(i + 2, digits);
    if (hex.size() == digits && digits > 0)
      std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
    if (code < 128) {
      plain += static_cast<char>(code);
      i += 1 + digits;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// STRING has its text in quotes.
std::string unquote(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && (text[0] == '\'' || text[0] == '"');
  return unescape(is_quoted ? text.substr(1, text.size() - 2) : text);
}

/// Up to 8 bytes of two's complement, the least first (Python, Lib/pickle.py: decode_long).
PickleValue integer_of(std::string bytes) {
  if (bytes.size() > 8) return {Kind::Integer, false, 0, std::move(bytes)};
  std::uint64_t number = !bytes.empty() && (bytes.back() & '\x80') ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return {Kind::Integer, false, static_cast<std::int64_t>(number)};
}

}  // namespace

void PickleMachine::run() {
  const auto begin = in_.position();
  for (std::uint64_t i = 0; i < kOpcodeLimit && !has_stopped_; ++i) {
    const auto at = in_.position();
    const auto stepped = step();
    if (stepped) continue;
    suspect("breaks off at byte " + std::to_string(at - begin) + ": " + stepped.error().message);
    return;
  }
  if (!has_stopped_) return suspect("more than " + std::to_string(kOpcodeLimit) + " opcodes");
  ++scan_.pickles;
}

Result<> PickleMachine::step() {
  const auto code = in_.number(1);
  if (!code) return code.error();
  const auto* opcode = find_pickle_opcode(static_cast<std::uint8_t>(*code));
  if (opcode == nullptr) return breaks("no opcode " + std::to_string(*code));
  auto argument = read_argument(opcode->argument);
  if (!argument) return argument.error();
  if (!opcode->is_weights_only && !suspected_[opcode->code]) {
    suspected_.set(opcode->code);
    suspect("opcode " + std::string(opcode->name));
  }
  return act(*opcode, *std::move(argument));
}

Result<PickleMachine::Argument> PickleMachine::read_argument(PickleArgument kind) {
  const auto number = [&](std::size_t bytes) -> Result<Argument> {
    const auto read = in_.number(bytes);
    if (!read) return read.error();
    return Argument{*read};
  };
  switch (kind) {
    case PickleArgument::None:
      return Argument{};
    case PickleArgument::Uint1:
      return number(1);
    case PickleArgument::Uint2:
      return number(2);
    case PickleArgument::Int4:
    case PickleArgument::Uint4:
      return number(4);
    case PickleArgument::Uint8:
    case PickleArgument::Float8:
      return number(8);
    case PickleArgument::Counted1:
      return read_counted(1);
    case PickleArgument::Counted4:
      return read_counted(4);
    case PickleArgument::Counted8:
      return read_counted(8);
    case PickleArgument::Line:
    case PickleArgument::TwoLines:
      break;
  }
  if (kind == PickleArgument::Line) {
    auto line = in_.line(kLineLimitBytes);
    if (!line) return line.error();
    if (line->size() > kKeptTextBytes) return Argument{0, "", "", /*is_cut=*/true};
    return Argument{0, *std::move(line)};
  }
  auto first = in_.line(kKeptTextBytes);
  if (!first) return first.error();
  auto second = in_.line(kKeptTextBytes);
  if (!second) return second.error();
  return Argument{0, *std::move(first), *std::move(second)};
}

Result<PickleMachine::Argument> PickleMachine::read_counted(std::size_t length_bytes) {
  const auto length = in_.number(length_bytes);
  if (!length) return length.error();
  Argument argument{*length};
  if (*length > kKeptTextBytes) {
    argument.is_cut = true;
    const auto skipped = in_.skip(*length);
    return skipped ? Result<Argument>(std::move(argument)) : skipped.error();
  }
  auto text = in_.text(*length, kKeptTextBytes);
  if (!text) return text.error();
  argument.text = *std::move(text);
  return argument;
}

Result<> PickleMachine::act(const PickleOpcode& opcode, Argument argument) {
  switch (opcode.code) {
    case 0x80:  // PROTO
      if (argument.number <= kLastProtocol) return Done{};
      return breaks("protocol " + std::to_string(argument.number));
    case 0x95:  // FRAME
      return Done{};
    case '.':
      return stop();
    case '(':
      marks_.push_back(stack_.size());
      return marks_.size() > PickleValues::kLimit ? Result<>(breaks("too many marks")) : Done{};
    case '0': {  // POP takes a mark when one is on the top
      if (marks_.empty() || marks_.back() < stack_.size()) {
        const auto popped = pop();
        return popped ? Result<>(Done{}) : popped.error();
      }
      marks_.pop_back();
      return Done{};
    }
    case '1': {  // POP_MARK
      const auto items = pop_mark();
      return items ? Result<>(Done{}) : items.error();
    }
    case '2': {  // DUP
      const auto value = peek();
      return value ? push(*value) : value.error();
    }
    case 't':
      return push_items(Kind::Tuple, pop_mark());
    case 0x85:  // TUPLE1, TUPLE2, TUPLE3
    case 0x86:
    case 0x87:
      return push_items(Kind::Tuple, pop_many(opcode.code - 0x84U));
    case 'l':
      return push_items(Kind::List, pop_mark());
    case 'd':
      return push_items(Kind::Dict, pop_mark());
    case 0x91:  // FROZENSET
      return push_items(Kind::Set, pop_mark());
    case 'a':
      return append_items(pop_many(1));
    case 'e':
    case 0x90:  // ADDITEMS
      return append_items(pop_mark());
    case 's':
      return set_items(pop_many(2));
    case 'u':
      return set_items(pop_mark());
    case 'p':
    case 'q':
    case 'r':
    case 'g':
    case 'h':
    case 'j': {
      const auto key = memo_key(argument);
      if (!key) return key.error();
      return opcode.code >= 'p' ? put(*key) : get(*key);
    }
    case 0x94:  // MEMOIZE
      return put(memo_.size());
    case 'c':
      return push_global(argument.text, argument.second);
    case 0x93:
      return stack_global();
    case 'i':
      return inst(argument);
    case 'o':
      return obj();
    case 'R':
      return reduce();
    case 0x81:  // NEWOBJ, NEWOBJ_EX
      return new_object(2);
    case 0x92:
      return new_object(3);
    case 'b':
      return build();
    case 'P': {
      const auto pushed = push_new({Kind::Text, false, 0, std::move(argument.text)});
      return pushed ? persistent() : pushed.error();
    }
    case 'Q':
      return persistent();
    default:
      return push_constant(opcode, std::move(argument));
  }
}

Result<> PickleMachine::push_constant(const PickleOpcode& opcode, Argument argument) {
  switch (opcode.code) {
    case 'N':
      return push_new({Kind::None});
    case 0x88:
    case 0x89:
      return push_new({Kind::Boolean, false, opcode.code == 0x88});
    case 'J':
      return push_new({Kind::Integer, false, static_cast<std::int32_t>(argument.number)});
    case 'K':
    case 'M':
      return push_new({Kind::Integer, false, static_cast<std::int64_t>(argument.number)});
    case 'I':
    case 'L':
      return push_number_line(argument);
    case 0x8A:
    case 0x8B:
      return push_new(integer_of(std::move(argument.text)));
    case 'F':
    case 'G':
      return push_new({Kind::Float});
    case 'S':
      return push_new({Kind::Text, argument.is_cut, 0, unquote(argument.text)});
    case 'V':
      return push_new({Kind::Text, argument.is_cut, 0, unescape(argument.text)});
    case 'U':
    case 'T':
    case 'X':
    case 0x8C:
    case 0x8D:
      return push_new({Kind::Text, argument.is_cut, 0, std::move(argument.text)});
    case 'B':
    case 'C':
    case 0x8E:
    case 0x96:
      return push_new({Kind::Bytes, argument.is_cut, 0, std::move(argument.text)});
    case '}':
      return push_empty(Kind::Dict);
    case ']':
      return push_empty(Kind::List);
    case ')':
      return push_empty(Kind::Tuple);
    case 0x8F:
      return push_empty(Kind::Set);
    default:  // EXT1, EXT2, EXT4, NEXT_BUFFER, READONLY_BUFFER: known to the reader's program
              // alone.
      return push_empty(Kind::Unknown);
  }
}

/// INT has booleans as 00 and 01, LONG an L behind its digits.
Result<> PickleMachine::push_number_line(const Argument& argument) {
  if (argument.text == "00" || argument.text == "01")
    return push_new({Kind::Boolean, false, argument.text == "01"});
  return push_new({Kind::Integer, false, parse_integer(argument.text)});
}

Result<> PickleMachine::push(PickleRef value) {
  if (stack_.size() >= PickleValues::kLimit) return breaks("the stack is too high");
  stack_.push_back(value);
  return Done{};
}

Result<> PickleMachine::push_new(PickleValue value) {
  if (values_.is_full()) return breaks("more values than are kept");
  return push(values_.add(std::move(value)));
}

Result<> PickleMachine::push_empty(Kind kind) { return push_new({kind}); }

Result<PickleRef> PickleMachine::peek() const {
  const auto floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) return breaks("the stack is empty");
  return stack_.back();
}

Result<PickleRef> PickleMachine::pop() {
  auto value = peek();
  if (value) stack_.pop_back();
  return value;
}

Result<std::vector<PickleRef>> PickleMachine::pop_many(std::size_t count) {
  const auto floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - floor < count) return breaks("the stack is empty");
  const auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<PickleRef> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  return items;
}

Result<std::vector<PickleRef>> PickleMachine::pop_mark() {
  if (marks_.empty()) return breaks("no mark");
  const auto count = stack_.size() - marks_.back();
  auto items = pop_many(count);
  marks_.pop_back();
  return items;
}

Result<> PickleMachine::push_items(Kind kind, Result<std::vector<PickleRef>> items) {
  if (!items) return items.error();
  if (kind == Kind::Dict && items->size() % 2 != 0) return breaks("a key without a value");
  return push_new({kind, false, 0, "", *std::move(items)});
}

Result<std::uint64_t> PickleMachine::memo_key(const Argument& argument) {
  if (argument.text.empty()) return argument.number;
  const auto key = parse_integer(argument.text);
  if (key < 0) return breaks("a negative place in the memo");
  return static_cast<std::uint64_t>(key);
}

Result<> PickleMachine::put(std::uint64_t key) {
  const auto value = peek();
  if (!value) return value.error();
  if (memo_.size() >= PickleValues::kLimit) return breaks("the memo is too large");
  memo_[key] = *value;
  return Done{};
}

Result<> PickleMachine::get(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) return breaks("nothing in the memo at " + std::to_string(key));
  return push(found->second);
}

Result<> PickleMachine::append_items(Result<std::vector<PickleRef>> items) {
  if (!items) return items.error();
  const auto container = peek();
  if (!container) return container.error();
  if (!values_.is(*container, Kind::List)) suspect("appends to what is no list");
  for (const auto item : *items) {
    if (values_.is_full()) return breaks("more values than are kept");
    values_.append(*container, item);
  }
  return Done{};
}

Result<> PickleMachine::set_items(Result<std::vector<PickleRef>> items) {
  if (!items) return items.error();
  if (items->size() % 2 != 0) return breaks("a key without a value");
  const auto container = peek();
  if (!container) return container.error();
  const auto callable = values_.callable(*container);
  if (!values_.is(*container, Kind::Dict) && callable != "collections.OrderedDict" &&
      callable != "collections.Counter")
    suspect("sets items of what is no dictionary");
  for (const auto item : *items) {
    if (values_.is_full()) return breaks("more values than are kept");
    values_.append(*container, item);
  }
  return Done{};
}

Result<> PickleMachine::stop() {
  const auto value = pop();
  if (!value) return value.error();
  if (!stack_.empty() || !marks_.empty()) suspect("leaves values on the stack");
  top_ = *value;
  has_stopped_ = true;
  return Done{};
}

}  // namespace owrd::weights
