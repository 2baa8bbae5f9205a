#include "daemon/release/tensor_list.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>
#include <string>
#include <string_view>

#include "daemon/core/digest.h"
#include "daemon/core/text.h"

namespace owrd::release {
namespace {

constexpr std::string_view kMagic = "owrd-tensors-1\n";

Error broken(const std::string& what) {
  return {ErrorCode::InvalidInput, "tensors.owrd: " + what,
          "the publisher's owrd writes it: ask for the release again"};
}

Result<> check_tensor(const v1::Tensor& tensor) {
  const bool has_digest = !tensor.sha256().empty();
  if (has_digest && tensor.sha256().size() != Digest::kBytes)
    return broken("the digest of " + quoted(tensor.name()) + " is not 32 bytes");
  if (tensor.end() < tensor.begin())
    return broken("the range of " + quoted(tensor.name()) + " ends before it begins");
  return Done{};
}

Result<> check_file(const v1::TensorFile& file) {
  std::set<std::string_view> names;
  for (const auto& tensor : file.tensors()) {
    // Some formats have tensors without names.
    if (!tensor.name().empty() && !names.insert(tensor.name()).second)
      return broken(quoted(file.path()) + " has the tensor " + quoted(tensor.name()) + " twice");
    if (const auto checked = check_tensor(tensor); !checked) return checked;
  }
  return Done{};
}

}  // namespace

Bytes encode_tensor_list(const v1::TensorList& list) {
  std::string text(kMagic);
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    list.SerializeToCodedStream(&out);
  }
  return to_bytes(text);
}

Result<v1::TensorList> parse_tensor_list(ByteView bytes) {
  if (bytes.size() > kTensorListLimitBytes) return broken("has more than 256 MiB");
  auto text = as_text(bytes);
  if (!text.starts_with(kMagic)) return broken("does not begin with the line owrd-tensors-1");
  text.remove_prefix(kMagic.size());
  v1::TensorList list;
  if (!list.ParseFromArray(text.data(), static_cast<int>(text.size())))
    return broken("is damaged or cut short");
  std::set<std::string_view> paths;
  for (const auto& file : list.files()) {
    if (!paths.insert(file.path()).second)
      return broken("has the file " + quoted(file.path()) + " twice");
    if (const auto checked = check_file(file); !checked) return checked.error();
  }
  return list;
}

}  // namespace owrd::release
