#include "daemon/weights/pickle_opcodes.h"

#include <array>

namespace owrd::weights {
namespace {

using enum PickleArgument;

/// Python, Lib/pickletools.py; the last column: PyTorch, torch/_weights_only_unpickler.py.
constexpr PickleOpcode kOpcodes[] = {
    {'(', "MARK", None, true},
    {'.', "STOP", None, true},
    {'0', "POP", None, false},
    {'1', "POP_MARK", None, false},
    {'2', "DUP", None, false},
    {'F', "FLOAT", Line, false},
    {'I', "INT", Line, false},
    {'J', "BININT", Int4, true},
    {'K', "BININT1", Uint1, true},
    {'L', "LONG", Line, false},
    {'M', "BININT2", Uint2, true},
    {'N', "NONE", None, true},
    {'P', "PERSID", Line, false},
    {'Q', "BINPERSID", None, true},
    {'R', "REDUCE", None, true},
    {'S', "STRING", Line, false},
    {'T', "BINSTRING", Counted4, false},
    {'U', "SHORT_BINSTRING", Counted1, true},
    {'V', "UNICODE", Line, false},
    {'X', "BINUNICODE", Counted4, true},
    {'a', "APPEND", None, true},
    {'b', "BUILD", None, true},
    {'c', "GLOBAL", TwoLines, true},
    {'d', "DICT", None, false},
    {'}', "EMPTY_DICT", None, true},
    {'e', "APPENDS", None, true},
    {'g', "GET", Line, false},
    {'h', "BINGET", Uint1, true},
    {'i', "INST", TwoLines, false},
    {'j', "LONG_BINGET", Uint4, true},
    {'l', "LIST", None, false},
    {']', "EMPTY_LIST", None, true},
    {'o', "OBJ", None, false},
    {'p', "PUT", Line, false},
    {'q', "BINPUT", Uint1, true},
    {'r', "LONG_BINPUT", Uint4, true},
    {'s', "SETITEM", None, true},
    {'t', "TUPLE", None, true},
    {')', "EMPTY_TUPLE", None, true},
    {'u', "SETITEMS", None, true},
    {'G', "BINFLOAT", Float8, true},
    {'B', "BINBYTES", Counted4, false},
    {'C', "SHORT_BINBYTES", Counted1, false},
    {0x80, "PROTO", Uint1, true},
    {0x81, "NEWOBJ", None, true},
    {0x82, "EXT1", Uint1, false},
    {0x83, "EXT2", Uint2, false},
    {0x84, "EXT4", Int4, false},
    {0x85, "TUPLE1", None, true},
    {0x86, "TUPLE2", None, true},
    {0x87, "TUPLE3", None, true},
    {0x88, "NEWTRUE", None, true},
    {0x89, "NEWFALSE", None, true},
    {0x8A, "LONG1", Counted1, true},
    {0x8B, "LONG4", Counted4, false},
    {0x8C, "SHORT_BINUNICODE", Counted1, false},
    {0x8D, "BINUNICODE8", Counted8, false},
    {0x8E, "BINBYTES8", Counted8, false},
    {0x8F, "EMPTY_SET", None, true},
    {0x90, "ADDITEMS", None, false},
    {0x91, "FROZENSET", None, false},
    {0x92, "NEWOBJ_EX", None, false},
    {0x93, "STACK_GLOBAL", None, false},
    {0x94, "MEMOIZE", None, false},
    {0x95, "FRAME", Uint8, false},
    {0x96, "BYTEARRAY8", Counted8, false},
    {0x97, "NEXT_BUFFER", None, false},
    {0x98, "READONLY_BUFFER", None, false},
};

constexpr auto kByCode = [] {
  std::array<const PickleOpcode*, 256> table{};
  for (const auto& opcode : kOpcodes) table[opcode.code] = &opcode;
  return table;
}();

}  // namespace

const PickleOpcode* find_pickle_opcode(std::uint8_t code) { return kByCode[code]; }

}  // namespace owrd::weights
