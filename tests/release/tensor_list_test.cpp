#include "daemon/release/tensor_list.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace owrd::release {
namespace {

v1::TensorList example() {
  v1::TensorList list;
  auto& file = *list.add_files();
  file.set_path("model.safetensors");
  file.set_format("safetensors");
  for (const auto* name : {"a", "b", "", ""}) {
    auto& tensor = *file.add_tensors();
    tensor.set_name(name);
    tensor.set_dtype("BF16");
    tensor.add_shape(4);
    tensor.set_end(8);
    tensor.set_sha256(std::string(32, 's'));
  }
  return list;
}

TEST(TensorList, ComesBackAsItWas) {
  const auto bytes = encode_tensor_list(example());
  EXPECT_TRUE(as_text(bytes).starts_with("owrd-tensors-1\n"));
  const auto list = parse_tensor_list(bytes);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->SerializeAsString(), example().SerializeAsString());
  EXPECT_EQ(encode_tensor_list(*list), bytes);
}

TEST(TensorList, IsRefusedWithTheReason) {
  struct Case {
    std::function<void(v1::TensorList&)> spoil;
    std::string says;
  };
  const Case cases[] = {
      {[](auto& list) { list.mutable_files(0)->mutable_tensors(1)->set_name("a"); }, "twice"},
      {[](auto& list) { *list.add_files() = list.files(0); }, "twice"},
      {[](auto& list) { list.mutable_files(0)->mutable_tensors(0)->set_begin(9); }, "ends before"},
      {[](auto& list) { list.mutable_files(0)->mutable_tensors(0)->set_sha256("x"); }, "32 bytes"}};
  for (const auto& [spoil, says] : cases) {
    auto list = example();
    spoil(list);
    const auto parsed = parse_tensor_list(encode_tensor_list(list));
    ASSERT_FALSE(parsed) << says;
    EXPECT_NE(parsed.error().message.find(says), std::string::npos) << parsed.error().message;
  }
  auto bytes = encode_tensor_list(example());
  bytes.pop_back();
  EXPECT_FALSE(parse_tensor_list(bytes));
  EXPECT_FALSE(parse_tensor_list(as_bytes(std::string("owrd-layers-1\n"))));
}

}  // namespace
}  // namespace owrd::release
