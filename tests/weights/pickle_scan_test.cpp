#include "daemon/weights/pickle_scan.h"

#include <gtest/gtest.h>

#include "tests/weights/made_bytes.h"

namespace owrd::weights {
namespace {

using namespace std::string_literals;

PickleScan scan(const std::string& pickle) {
  TextSource source(pickle);
  return scan_pickles(source);
}

/// A tensor as torch.save() writes it.
const std::string kTensor =
    "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"
    "0U\x03"
    "cpuK\x06tQK\0K\x02K\x03\x86K\x03K\x01\x86\x89"
    "ccollections\nOrderedDict\n)RtR"s;

TEST(PickleScan, TakesWhatOnlyHoldsWeights) {
  const std::string cases[] = {
      "\x80\x02}q\0X\x01\0\0\0wq\x01"s + kTensor + "s.",
      "\x80\x02" + kTensor + ".",
      "\x80\x02]q\0(K\1M\2\2J\3\0\0\0G12345678\x88\x89N\x8a\x01\x05"s + "e.",
      "\x80\x02"
      "ccollections\nOrderedDict\n)R(U\1aK\1u}b.",
      "\x80\x02\x8f."s,
      "\x80\x02K\1.\x80\x02K\2."s,  // two pickles
  };
  for (const auto& pickle : cases) {
    const auto found = scan(pickle);
    EXPECT_EQ(to_string(found.verdict), "weights-only")
        << (found.reasons.empty() ? "" : found.reasons[0]);
  }
}

TEST(PickleScan, NamesWhatLeadsToCode) {
  struct Case {
    std::string pickle, global;
  };
  const Case cases[] = {
      {"cos\nsystem\n(S'id'\ntR.", "os.system"},
      {"cposix\nsystem\n(S'id'\ntR.", "posix.system"},
      {"(S'id'\nios\nsystem\n.", "os.system"},
      {"(cos\nsystem\nS'id'\no.", "os.system"},
      {"c__builtin__\neval\n(S'1'\ntR.", "builtins.eval"},
      {"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.", "os.system"},
      {"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x30\x30h\0h\1\x93."s, "os.system"},
      {"S'\\x6fs'\nV\\u0073ystem\n\x93.", "os.system"},
      {"\x80\x02"
       "ctorch.hub\nload\n.",
       "torch.hub.load"},
      {"\x80\x04\x8c\x0ctorch._utils\x8c\x0d"
       "builtins.eval\x93.",
       "torch._utils.builtins.eval"},
      {"\x80\x02K\1.cos\nsystem\n.", "os.system"},           // behind another pickle
      {"cos\nsystem\n(S'id'\ntR\xff garbage", "os.system"},  // breaks after it has run
      {"cos\nsystem\n(S'id'\ntR", "os.system"},              // ends after it has run
  };
  for (const auto& [pickle, global] : cases) {
    SCOPED_TRACE(global);
    const auto found = scan(pickle);
    EXPECT_EQ(to_string(found.verdict), "dangerous");
    EXPECT_TRUE(found.globals.contains(global));
  }
}

TEST(PickleScan, SaysWhyMoreThanWeightsIsNeeded) {
  struct Case {
    std::string pickle, reason;
  };
  const Case cases[] = {
      {"", "an empty pickle"},
      {"\x80\x02K\1", "breaks off at byte 4: ends after byte 4, 1 bytes were to follow byte 4"},
      {"\x80\x06N.", "breaks off at byte 0: protocol 6"},
      {"\xff", "breaks off at byte 0: no opcode 255"},
      {".", "breaks off at byte 0: the stack is empty"},
      {"(0.", "breaks off at byte 2: the stack is empty"},
      {"t.", "breaks off at byte 0: no mark"},
      {"(N(R.", "breaks off at byte 3: the stack is empty"},
      {"h\1.", "breaks off at byte 0: nothing in the memo at 1"},
      {"}(Nu.", "breaks off at byte 3: a key without a value"},
      {"U\x0a"
       "abc.",
       "breaks off at byte 0: ends after byte 6, 10 bytes were to follow byte 2"},
      {"X\xff\xff\xff\xff"
       "abc.",
       "breaks off at byte 0: ends after byte 9, 4294967295 bytes were to follow byte 5"},
      {"NN.", "leaves values on the stack"},
      {"N.x", "bytes behind the last pickle"},
      {"I1\n.", "opcode INT"},
      {"\x80\x04\x8c\1a.", "opcode SHORT_BINUNICODE"},
      {"cfoo\nbar\n.", "global \"foo.bar\" is not among the weights-only ones"},
      {"cfoo\nbar\n)R.", "calls \"foo.bar\""},
      {"N)R.", "calls what is no global"},
      {"ccollections\nOrderedDict\nNR.", "calls with what is no tuple"},
      {"N}b.", "sets the state of what is no tensor"},
      {"ccollections\nOrderedDict\n}b.", "sets the state of what is no tensor"},
      {"NQ.", "asks for what is no storage"},
      {"}Na.", "appends to what is no list"},
      {"]NNs.", "sets items of what is no dictionary"},
      {"ccollections\nOrderedDict\nNNs.", "sets items of what is no dictionary"},
  };
  for (const auto& [pickle, reason] : cases) {
    SCOPED_TRACE(reason);
    const auto found = scan(pickle);
    EXPECT_EQ(to_string(found.verdict), "suspicious");
    EXPECT_NE(std::find(found.reasons.begin(), found.reasons.end(), reason), found.reasons.end())
        << (found.reasons.empty() ? "none" : found.reasons[0]);
  }
}

TEST(PickleScan, DoesNotGuessComputedNames) {
  const auto found = scan("\x80\x04N\x8c\x06system\x93.");

  EXPECT_EQ(to_string(found.verdict), "dangerous");
  EXPECT_EQ(found.reasons.back(), "a global whose name only running the pickle could tell");
}

TEST(PickleScan, HasLimits) {
  const auto deep = scan(std::string(3'000'000, '('));
  const auto wide = scan(std::string(3'000'000, 'N'));
  const auto doubling = scan("]q\0(" + [] {
    std::string body;
    for (int i = 0; i < 2'100'000; ++i) body += "h\0"s;
    return body;
  }() + "e.");

  EXPECT_NE(deep.reasons[0].find("too many marks"), std::string::npos);
  EXPECT_NE(wide.reasons[0].find("more values than are kept"), std::string::npos);
  EXPECT_NE(doubling.reasons[0].find("breaks off"), std::string::npos);
}

}  // namespace
}  // namespace owrd::weights
