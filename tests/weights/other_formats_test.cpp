// NumPy, ONNX, Keras, HDF5 and what GGUF replaced.
#include <gtest/gtest.h>

#include "daemon/weights/inspect.h"
#include "daemon/weights/keras.h"
#include "daemon/weights/npy.h"
#include "daemon/weights/onnx.h"
#include "tests/weights/made_zip.h"

namespace owrd::weights {
namespace {

using namespace std::string_literals;

std::string npy_with(const std::string& header, const std::string& data = "", char version = 1) {
  return "\x93NUMPY"s + version + '\0' + le(header.size(), version == 1 ? 2 : 4) + header + data;
}

std::string npy_reason(const std::string& file) {
  TextSource source(file);
  const auto inventory = read_npy(source);
  return inventory ? "" : inventory.error().message;
}

TEST(Npy, TellsTheArray) {
  const auto header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"s;
  const auto file = npy_with(header, std::string(24, '\1'), 2);
  TextSource source(file);

  const auto inventory = read_npy(source);

  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->tensors[0].dtype, "<f4");
  EXPECT_EQ(inventory->tensors[0].shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(inventory->tensors[0].bytes, (ByteRange{file.size() - 24, file.size()}));
}

TEST(Npy, RefusesWithTheReason) {
  struct Case {
    std::string file, reason;
  };
  const auto with = [](const std::string& descr, const std::string& shape) {
    return npy_with("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + "}");
  };
  const Case cases[] = {
      {"", "the file does not begin as an array does"},
      {"\x93NUMPY\x04\0\0\0"s, "version 4"},
      {"\x93NUMPY\x02\0\0\0"s, "the header is cut off"},
      {"\x93NUMPY\x01\0\xff\xff"s, "the header is longer than it may be"},
      {npy_with(""), "the header is no dictionary"},
      {npy_with("{'descr': '<f4'}"), "the header lacks descr, fortran_order or shape"},
      {npy_with("{'descr': '<f4', 'descr': '|O'}"), "the header has \"descr\" twice"},
      {npy_with("{'other': 1}"), "the header's \"other\" cannot be read"},
      {npy_with("{'descr': __import__('os')}"), "the header's \"descr\" cannot be read"},
      {npy_with("{'descr': [('a', '<f4'}"), "the header's \"descr\" cannot be read"},
      {npy_with("{'descr': [(O, '<f4')]}"), "the header's \"descr\" cannot be read"},
      {with("'<f4'", "(1") + "x", "the header's \"shape\" cannot be read"},
      {with("'<f4'", "(-1,)"), "the header's \"shape\" cannot be read"},
      {with("'<f4'", "(1,)"), "the array has 0 bytes, descr and shape make another size"},
      {with("'<f4'", "(4294967296, 4294967296)"), "the shape is too large"},
      {npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)} x"),
       "the header goes on behind its dictionary"},
  };
  for (const auto& [file, reason] : cases) {
    SCOPED_TRACE(reason);
    EXPECT_EQ(npy_reason(file), "NumPy: " + reason);
  }
}

TEST(Npy, FindsObjectsInRecords) {
  const auto header =
      "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}"s;
  const auto file = npy_with(header);

  const auto read = read_npy_header(as_bytes(file), file.size());

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->holds_objects);
  EXPECT_EQ(read->descr, "[('a', '<f4'), ('b', '|O')]");
}

TEST(Npy, ReadsArchivesOfArrays) {
  const auto header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}"s;
  TextSource source(made_zip({{"x.npy", npy_with(header, "abcd")}, {"notes.txt", ""}}));

  const auto inventory = read_npz(source);

  ASSERT_TRUE(inventory) << inventory.error().message;
  ASSERT_EQ(inventory->tensors.size(), 1U);
  EXPECT_EQ(inventory->tensors[0].name, "x");
  EXPECT_EQ(inventory->tensors[0].bytes->size(), 4U);
  EXPECT_EQ(inventory->warnings[0].rule, "numpy.member");
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number_field(std::uint64_t number, std::uint64_t value) {
  return varint(number << 3) + varint(value);
}
std::string field(std::uint64_t number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string onnx_with(const std::string& graph) { return number_field(1, 8) + field(7, graph); }

TEST(Onnx, TellsTensorsAndWhatIsElsewhere) {
  const auto plain = field(1, varint(2) + varint(3)) + number_field(2, 1) + field(8, "w") +
                     field(9, std::string(24, '\1'));
  const auto location = field(1, "location") + field(2, "../x");
  const auto external = number_field(1, 4) + number_field(2, 10) + field(8, "e") +
                        field(13, location) + number_field(14, 1);
  const auto node = field(4, "Custom") + field(7, "evil.domain");
  const auto file = onnx_with(field(5, plain) + field(5, external) + field(1, node));
  TextSource source(file);

  const auto model = read_onnx(source);

  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->inventory.version, "8");
  ASSERT_EQ(model->inventory.tensors.size(), 2U);
  EXPECT_EQ(model->inventory.tensors[0].shape, (std::vector<std::uint64_t>{2, 3}));
  const auto begin = file.find(std::string(24, '\1'));
  EXPECT_EQ(model->inventory.tensors[0].bytes, (ByteRange{begin, begin + 24}));
  EXPECT_EQ(model->inventory.tensors[1].bytes, std::nullopt);
  ASSERT_EQ(model->external.size(), 1U);
  EXPECT_EQ(model->external[0].location, "../x");
  EXPECT_TRUE(model->domains.contains("evil.domain"));
}

TEST(Onnx, RefusesWithTheReason) {
  struct Case {
    std::string file, reason;
  };
  std::string deep;
  for (int i = 0; i < 18; ++i) deep = field(1, field(5, field(6, deep)));
  const Case cases[] = {
      {number_field(1, 8), "no graph"},
      {number_field(1, 8) + "\x0b", "protobuf: wire type 3"},
      {varint(0), "protobuf: field 0"},
      {varint(7ULL << 3 | 2) + varint(100),
       "protobuf: ends after byte 2, 100 bytes were to follow "
       "byte 2"},
      {std::string(11, '\xff'), "protobuf: a number of more than 64 bits before byte 10"},
      {number_field(7, 1), "field 7 is no message"},
      {onnx_with(deep), "graphs more than 16 levels deep"},
      {onnx_with(field(5, number_field(1, 3) + number_field(2, 1) + field(9, "abc"))),
       "tensor \"\" has 3 bytes, type and shape make another size"},
      {onnx_with(field(5, number_field(1, 1ULL << 40) + number_field(1, 1ULL << 40))),
       "tensor \"\": the shape is too large"},
  };
  for (const auto& [file, reason] : cases) {
    SCOPED_TRACE(reason);
    TextSource source(file);
    const auto model = read_onnx(source);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message, "ONNX: " + reason);
  }
}

std::string hdf5(std::uint64_t end, const std::string& rest) {
  const auto superblock = "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0"s + std::string(8, '\0') +
                          le(0, 8) + le(~0ULL, 8) + le(end, 8) + std::string(16, '\0');
  return superblock + rest;
}

TEST(Hdf5, ReadsTheSuperblock) {
  TextSource whole(hdf5(100, std::string(100 - 64, 'x')));
  TextSource longer(hdf5(64, "x"));
  TextSource cut(hdf5(100, ""));

  const auto inventory = read_hdf5(whole);
  const auto warned = read_hdf5(longer);
  const auto refused = read_hdf5(cut);

  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->version, "0");
  ASSERT_TRUE(warned);
  EXPECT_EQ(warned->warnings[0].rule, "hdf5.left-over");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "HDF5: the file ends before the end that it gives");
}

TEST(Hdf5, FindsLambdaLayersAcrossSteps) {
  const auto lambda = R"("class_name": "Lambda")"s;
  for (const std::size_t at : {100UL, (1UL << 20) - 5, (1UL << 20) - 20}) {
    TextSource source(hdf5(0, std::string(at, 'x') + lambda));
    const auto found = has_keras_lambda(source);
    ASSERT_TRUE(found);
    EXPECT_TRUE(*found) << at;
  }
  TextSource harmless(hdf5(0, R"("class_name": "Dense", "name": "Lambda")"));
  EXPECT_FALSE(*has_keras_lambda(harmless));
}

TEST(Inspect, TellsTheFormat) {
  struct Case {
    std::string name, bytes, version;
  };
  const Case cases[] = {
      {"a.safetensors", safetensors_file("{}", 0), ""},
      {"a.gguf", MadeGguf().file(), "3"},
      {"a.bin", "tjgg" + le(3, 4), "ggjt 3"},
      {"a.bin", "lmgg" + le(32000, 4), "ggml"},
      {"a.pkl", "\x80\x02}.", ""},
      {"a.keras", made_zip({{"config.json", "{}"}}), ""},
  };
  for (const auto& [name, bytes, version] : cases) {
    SCOPED_TRACE(name);
    TextSource source(bytes);
    const auto inventory = inspect(name, source);
    ASSERT_TRUE(inventory) << inventory.error().message;
    EXPECT_EQ(inventory->version, version);
  }
  TextSource pointer("version https://git-lfs.github.com/spec/v1\n");
  EXPECT_EQ(inspect("a.gguf", pointer).error().message,
            "\"a.gguf\" is a Git LFS pointer, not the file");
  TextSource text("hello");
  EXPECT_EQ(inspect("a.txt", text).error().message, "\"a.txt\" is no weight file");
}

}  // namespace
}  // namespace owrd::weights
