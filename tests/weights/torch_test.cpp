#include "daemon/weights/torch.h"

#include <gtest/gtest.h>

#include "tests/weights/made_zip.h"

namespace owrd::weights {
namespace {

using namespace std::string_literals;

/// A call that makes a tensor of 32-bit floats; numbers below 256.
std::string tensor(char key, int elements, int offset, std::pair<int, int> shape,
                   std::pair<int, int> strides) {
  const auto number = [](int value) { return "K"s + static_cast<char>(value); };
  return "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"s + key +
         "U\x03"
         "cpu" +
         number(elements) + "tQ" + number(offset) + number(shape.first) + number(shape.second) +
         "\x86" + number(strides.first) + number(strides.second) +
         "\x86\x89"
         "ccollections\nOrderedDict\n)RtR";
}

std::string dictionary(const std::vector<std::pair<std::string, std::string>>& items) {
  auto pickle = "\x80\x02}("s;
  for (const auto& [key, value] : items) pickle += "X" + le(key.size(), 4) + key + value;
  return pickle + "u.";
}

std::string archive(const std::string& pickle, std::size_t storage_bytes = 24) {
  return made_zip({{"m/data.pkl", pickle},
                   {"m/byteorder", "little"},
                   {"m/data/0", std::string(storage_bytes, '\1')},
                   {"m/version", "3\n"}});
}

TEST(TorchZip, TellsTensorsAndTheirPlaces) {
  const auto zip = archive(dictionary({{"w", tensor('0', 6, 0, {2, 3}, {3, 1})},
                                       {"t", tensor('0', 6, 0, {3, 2}, {1, 3})},
                                       {"part", tensor('0', 6, 4, {1, 2}, {2, 1})},
                                       {"epoch", "K\5"}}));
  TextSource source(zip);

  const auto file = read_torch_zip(source);

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(to_string(file->scan.verdict), "weights-only");
  const auto& tensors = file->inventory.tensors;
  ASSERT_EQ(tensors.size(), 3U);
  const auto begin = zip.find(std::string(24, '\1'));
  EXPECT_EQ(tensors[0].name, "w");
  EXPECT_EQ(tensors[0].dtype, "F32");
  EXPECT_EQ(tensors[0].shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(tensors[0].bytes, (ByteRange{begin, begin + 24}));
  EXPECT_EQ(tensors[1].bytes, std::nullopt);  // transposed: no run of its own
  EXPECT_EQ(tensors[2].bytes, (ByteRange{begin + 16, begin + 24}));
  EXPECT_TRUE(file->inventory.warnings.empty());
}

TEST(TorchZip, RefusesWithTheReason) {
  struct Case {
    std::string zip, reason;
  };
  const auto whole = dictionary({{"w", tensor('0', 6, 0, {2, 3}, {3, 1})}});
  const Case cases[] = {
      {made_zip({{"a", "x"}}), "PyTorch: no data.pkl in the archive"},
      {made_zip({{"a/data.pkl", "N."}, {"b/data.pkl", "N."}}), "PyTorch: two members are data.pkl"},
      {archive(whole, 23),
       "PyTorch: tensor \"w\": PyTorch: member \"m/data/0\" is shorter than its "
       "storage"},
      {archive(dictionary({{"w", tensor('1', 6, 0, {2, 3}, {3, 1})}})),
       "PyTorch: tensor \"w\": PyTorch: member \"m/data/1\" is missing"},
      {archive(dictionary({{"w", tensor('0', 6, 1, {2, 3}, {3, 1})}})),
       "PyTorch: tensor \"w\" reaches beyond its storage"},
      {archive(whole) + "x", "ZIP: the file does not end with an end record"},
  };
  for (const auto& [zip, reason] : cases) {
    SCOPED_TRACE(reason);
    TextSource source(zip);
    const auto file = read_torch_zip(source);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message, reason);
  }
}

TEST(TorchZip, WalksEveryPickle) {
  TextSource source(made_zip({{"m/data.pkl", "\x80\x02}."}, {"m/more.PKL", "cos\nsystem\n."}}));

  const auto file = read_torch_zip(source);

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(to_string(file->scan.verdict), "dangerous");
}

/// A shape in a shape in a shape, and one that holds itself, neither of which is a shape.
TEST(TorchZip, TakesNoShapeApartForEver) {
  const auto begin =
      "\x80\x02"
      "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\n"
      "U\x01"
      "0U\x03"
      "cpuK\x06tQK\0"s;
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "ctorch\nSize\n";
  nested += ")";
  for (int i = 0; i < 100'000; ++i) nested += "\x85R";
  const auto itself =
      "]q\1"
      "0ctorch\nSize\nh\1Rq\2h\1h\2"
      "a0h\2"s;
  for (const auto& shape : {nested, itself}) {
    TextSource source(archive(begin + shape + ")\x89)tR."));
    const auto file = read_torch_zip(source);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->inventory.tensors.empty());
  }
}

TEST(TorchZip, WarnsOfStoragesThatNothingUses) {
  TextSource source(archive("\x80\x02}."));

  const auto file = read_torch_zip(source);

  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->inventory.warnings.size(), 1U);
  EXPECT_EQ(file->inventory.warnings[0].rule, "torch.unused");
}

std::string legacy(const std::string& object, const std::string& storages) {
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."
         "\x80\x02}."s +
         object +
         "\x80\x02]U\x01"
         "0a." +
         storages;
}

TEST(TorchLegacy, TellsTensorsAndTheirPlaces) {
  const auto object = dictionary({{"w", tensor('0', 6, 0, {2, 3}, {3, 1})}});
  const auto bytes = legacy(object, le(6, 8) + std::string(24, '\1'));
  TextSource source(bytes);

  ASSERT_TRUE(is_torch_legacy(source));
  const auto file = read_torch_legacy(source);

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(to_string(file->scan.verdict), "weights-only");
  EXPECT_EQ(file->inventory.tensors.at(0).bytes, (ByteRange{bytes.size() - 24, bytes.size()}));
}

TEST(TorchLegacy, RefusesWithTheReason) {
  const auto object = dictionary({{"w", tensor('0', 6, 0, {2, 3}, {3, 1})}});
  const auto reason = [](const std::string& bytes) {
    TextSource source(bytes);
    const auto file = read_torch_legacy(source);
    return file ? "" : file.error().message;
  };

  EXPECT_EQ(reason(legacy(object, le(6, 8) + std::string(25, '\1'))),
            "PyTorch: 1 bytes behind the last storage");
  EXPECT_EQ(reason(legacy(object, le(5, 8) + std::string(20, '\1'))),
            "PyTorch: storage \"0\" has another length than the pickle says");
  EXPECT_EQ(reason(legacy("\x80\x02}.", "")), "PyTorch: storage \"0\" has no known type");
  EXPECT_EQ(reason("x"), "PyTorch: one of the five pickles is broken");
}

}  // namespace
}  // namespace owrd::weights
