#include "daemon/weights/onnx.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/checked.h"
#include "daemon/weights/protobuf_wire.h"

namespace owrd::weights {
namespace {

constexpr int kDepthLimit = 16;
constexpr std::uint64_t kFieldLimit = 10'000'000;
constexpr std::uint64_t kTextLimitBytes = 64 << 10;
constexpr std::uint64_t kAllTextsLimitBytes = 256 << 20;
constexpr std::size_t kDimensionLimit = 64;
constexpr std::size_t kExternalLimit = 100'000;
constexpr std::size_t kDomainLimit = 1000;

struct ElementType {
  std::uint64_t id;
  std::string_view dtype;
  std::uint64_t bits;  ///< 0 when elements have no fixed size.
};

/// TensorProto.DataType.
constexpr ElementType kTypes[] = {
    {1, "F32", 32},     {2, "U8", 8},           {3, "I8", 8},       {4, "U16", 16},
    {5, "I16", 16},     {6, "I32", 32},         {7, "I64", 64},     {8, "STRING", 0},
    {9, "BOOL", 8},     {10, "F16", 16},        {11, "F64", 64},    {12, "U32", 32},
    {13, "U64", 64},    {14, "C64", 64},        {15, "C128", 128},  {16, "BF16", 16},
    {17, "F8_E4M3", 8}, {18, "F8_E4M3FNUZ", 8}, {19, "F8_E5M2", 8}, {20, "F8_E5M2FNUZ", 8},
    {21, "U4", 4},      {22, "I4", 4},          {23, "F4", 4},
};

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "ONNX: " + std::move(reason)};
}

const ElementType* find_type(std::uint64_t id) {
  const auto* const found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                         [&](const ElementType& type) { return type.id == id; });
  return found == std::end(kTypes) ? nullptr : found;
}

/// A TensorProto as far as it says something of the tensor.
struct TensorFields {
  std::string name = {};
  std::uint64_t type = 0;
  std::vector<std::uint64_t> shape = {};
  std::optional<ByteRange> raw = std::nullopt;
  std::string location = {};
  bool is_external = false;
};

class Walk {
 public:
  Walk(ByteSource& source, OnnxModel& model) : source_(source), model_(model) {}

  Result<> model() {
    bool has_graph = false;
    const auto walked = each(ByteRange{0, source_.size()}, [&](const WireField& field) {
      if (field.number == 1) model_.inventory.version = std::to_string(field.value);
      if (field.number == 2) return text(field, model_.inventory.metadata["producer_name"]);
      if (field.number == 3) return text(field, model_.inventory.metadata["producer_version"]);
      if (field.number == 14) return property(field);
      if (field.number == 25) return function(field);
      if (field.number != 7) return Result<>(Done{});
      has_graph = true;
      return graph(field, 0);
    });
    if (!walked) return walked.error();
    return has_graph ? Result<>(Done{}) : refuse("no graph");
  }

 private:
  template <class OnField>
  Result<> each(ByteRange message, OnField on_field) {
    WireReader reader(source_, message);
    while (true) {
      if (++fields_ > kFieldLimit) return refuse("more than 10,000,000 fields");
      const auto field = reader.next();
      if (!field) return refuse(field.error().message);
      if (!*field) return Done{};
      const auto done = on_field(**field);
      if (!done) return done.error();
    }
  }

  /// The message in a field.
  template <class OnField>
  Result<> each(const WireField& field, OnField on_field) {
    if (field.type != WireField::Type::Bytes)
      return refuse("field " + std::to_string(field.number) + " is no message");
    return each(field.bytes, on_field);
  }

  Result<> text(const WireField& field, std::string& out) {
    if (field.type != WireField::Type::Bytes || field.bytes.size() > kTextLimitBytes)
      return refuse("field " + std::to_string(field.number) + " is no short text");
    text_bytes_ += field.bytes.size();
    if (text_bytes_ > kAllTextsLimitBytes) return refuse("texts of more than 256 MiB in all");
    const auto bytes = source_.read(field.bytes.begin, field.bytes.size());
    if (!bytes) return bytes.error();
    out = metadata_text(as_text(*bytes));
    return Done{};
  }

  /// A StringStringEntryProto.
  Result<> entry(const WireField& field, std::string& key, std::string& value) {
    return each(field, [&](const WireField& part) {
      if (part.number == 1) return text(part, key);
      if (part.number == 2) return text(part, value);
      return Result<>(Done{});
    });
  }

  Result<> property(const WireField& field) {
    std::string key, value;
    const auto read = entry(field, key, value);
    if (!read) return read.error();
    model_.inventory.metadata.emplace(std::move(key), std::move(value));
    return Done{};
  }

  Result<> function(const WireField& field) {
    return each(field, [&](const WireField& part) {
      return part.number == 7 ? node(part, 0) : Result<>(Done{});
    });
  }

  Result<> graph(const WireField& field, int depth) {
    if (depth > kDepthLimit) return refuse("graphs more than 16 levels deep");
    return each(field, [&](const WireField& part) {
      if (part.number == 1) return node(part, depth);
      if (part.number == 5) return tensor(part);
      if (part.number == 15) return sparse_tensor(part);
      return Result<>(Done{});
    });
  }

  Result<> node(const WireField& field, int depth) {
    std::string domain;
    auto walked = each(field, [&](const WireField& part) {
      if (part.number == 5) return attribute(part, depth);
      if (part.number == 7) return text(part, domain);
      return Result<>(Done{});
    });
    if (walked && model_.domains.size() < kDomainLimit) model_.domains.insert(domain);
    return walked;
  }

  Result<> attribute(const WireField& field, int depth) {
    return each(field, [&](const WireField& part) {
      if (part.number == 5 || part.number == 10) return tensor(part);
      if (part.number == 6 || part.number == 11) return graph(part, depth + 1);
      if (part.number == 22 || part.number == 23) return sparse_tensor(part);
      return Result<>(Done{});
    });
  }

  Result<> sparse_tensor(const WireField& field) {
    return each(field, [&](const WireField& part) {
      return part.number == 1 || part.number == 2 ? tensor(part) : Result<>(Done{});
    });
  }

  Result<> dimensions(const WireField& field, std::vector<std::uint64_t>& shape) {
    if (field.type == WireField::Type::Varint) {
      if (shape.size() == kDimensionLimit) return refuse("a tensor of more than 64 dimensions");
      shape.push_back(field.value);
      return Done{};
    }
    // Packed: numbers without tags, read as the fields of the shortest message.
    if (field.type != WireField::Type::Bytes || field.bytes.size() > kDimensionLimit * 10)
      return refuse("the dimensions of a tensor");
    const auto bytes = source_.read(field.bytes.begin, field.bytes.size());
    if (!bytes) return bytes.error();
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const auto byte : *bytes) {
      if (shift > 56 || shape.size() == kDimensionLimit)
        return refuse("the dimensions of a tensor");
      const auto bits = std::to_integer<std::uint64_t>(byte);
      value |= (bits & 0x7F) << shift;
      shift += 7;
      if (bits & 0x80) continue;
      shape.push_back(value);
      value = 0;
      shift = 0;
    }
    return shift == 0 ? Result<>(Done{}) : refuse("the dimensions of a tensor");
  }

  Result<> external_entry(const WireField& field, TensorFields& fields) {
    std::string key, value;
    const auto read = entry(field, key, value);
    if (!read) return read.error();
    if (key == "location") fields.location = value;
    fields.is_external = true;
    return Done{};
  }

  Result<> tensor(const WireField& field) {
    TensorFields fields;
    const auto walked = each(field, [&](const WireField& part) {
      if (part.number == 1) return dimensions(part, fields.shape);
      if (part.number == 2) fields.type = part.value;
      if (part.number == 8) return text(part, fields.name);
      if (part.number == 9 && part.type == WireField::Type::Bytes) fields.raw = part.bytes;
      if (part.number == 13) return external_entry(part, fields);
      if (part.number == 14 && part.value == 1) fields.is_external = true;
      return Result<>(Done{});
    });
    if (!walked) return walked.error();
    return add(std::move(fields));
  }

  Result<> add(TensorFields fields) {
    const auto* type = find_type(fields.type);
    const auto elements = element_count(fields.shape);
    if (!elements) return refuse("tensor " + quoted(fields.name) + ": the shape is too large");
    if (model_.inventory.tensors.size() == kTensorLimit)
      return refuse("more than 1,000,000 tensors");
    if (fields.is_external) {
      if (model_.external.size() == kExternalLimit) return refuse("too much external data");
      model_.external.push_back({fields.name, fields.location});
    }
    const auto bits = type ? checked_multiply(*elements, type->bits) : std::nullopt;
    if (fields.raw && type && type->bits > 0 && (!bits || (*bits + 7) / 8 != fields.raw->size()))
      return refuse("tensor " + quoted(fields.name) + " has " + std::to_string(fields.raw->size()) +
                    " bytes, type and shape make another size");
    const auto dtype = type ? std::string(type->dtype) : "type " + std::to_string(fields.type);
    model_.inventory.tensors.push_back(
        {std::move(fields.name), dtype, std::move(fields.shape), 0, fields.raw});
    return Done{};
  }

  ByteSource& source_;
  OnnxModel& model_;
  std::uint64_t fields_ = 0;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace

Result<OnnxModel> read_onnx(ByteSource& source) {
  OnnxModel model;
  model.inventory.format = Format::Onnx;
  const auto walked = Walk(source, model).model();
  if (!walked) return walked.error();
  return model;
}

}  // namespace owrd::weights
