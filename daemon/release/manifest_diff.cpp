#include "daemon/release/manifest_diff.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>

#include "daemon/core/bytes.h"
#include "daemon/release/path_rules.h"

namespace owrd::release {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// A single value as text; bytes in hex, enums by their names without the type's.
std::string value_text(const Message& message, const FieldDescriptor& field, int i) {
  const auto& r = *message.GetReflection();
  const bool one = i < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const auto text =
          one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, i);
      return field.type() == FieldDescriptor::TYPE_BYTES ? to_hex(as_bytes(text)) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          one ? r.GetEnumValue(message, &field) : r.GetRepeatedEnumValue(message, &field, i);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value != nullptr ? value->name() : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return r.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(r.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(r.GetUInt32(message, &field));
    default:
      return "";
  }
}

class Walk {
 public:
  explicit Walk(std::vector<FieldChange>& out) : out_(out) {}

  /// Either message may be missing; then all fields of the other differ.
  void run(const Message* before, const Message* after, const std::string& where) {
    const auto& type = *(before != nullptr ? before : after)->GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      if (where.empty() && field.name() == "files") continue;
      if (field.is_repeated())
        compare_list(before, after, field, where + field.name());
      else
        compare_one(before, after, field, where + field.name());
    }
  }

 private:
  static int size_of(const Message* message, const FieldDescriptor& field) {
    return message == nullptr ? 0 : message->GetReflection()->FieldSize(*message, &field);
  }
  static bool has(const Message* message, const FieldDescriptor& field) {
    return message != nullptr && message->GetReflection()->HasField(*message, &field);
  }

  void compare_list(const Message* before, const Message* after, const FieldDescriptor& field,
                    const std::string& where) {
    const int size_before = size_of(before, field);
    const int size_after = size_of(after, field);
    for (int i = 0; i < std::max(size_before, size_after); ++i) {
      const auto* left = i < size_before ? before : nullptr;
      const auto* right = i < size_after ? after : nullptr;
      const auto place = where + "[" + std::to_string(i) + "]";
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
        compare_elements(left, right, field, i, place);
      else
        add(place, left == nullptr ? "" : value_text(*left, field, i),
            right == nullptr ? "" : value_text(*right, field, i));
    }
  }

  void compare_elements(const Message* before, const Message* after, const FieldDescriptor& field,
                        int i, const std::string& where) {
    const auto element = [&](const Message* message) {
      return message == nullptr
                 ? nullptr
                 : &message->GetReflection()->GetRepeatedMessage(*message, &field, i);
    };
    run(element(before), element(after), where + ".");
  }

  void compare_one(const Message* before, const Message* after, const FieldDescriptor& field,
                   const std::string& where) {
    const bool is_before = has(before, field);
    const bool is_after = has(after, field);
    if (!is_before && !is_after) return;
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      return add(where, is_before ? value_text(*before, field, -1) : "",
                 is_after ? value_text(*after, field, -1) : "");
    const auto inner = [&](const Message* message, bool is_there) {
      return is_there ? &message->GetReflection()->GetMessage(*message, &field) : nullptr;
    };
    run(inner(before, is_before), inner(after, is_after), where + ".");
  }

  void add(const std::string& where, std::string before, std::string after) {
    if (before != after) out_.push_back({where, std::move(before), std::move(after)});
  }

  std::vector<FieldChange>& out_;
};

std::map<std::string, const v1::File*> files_of(const v1::Manifest& manifest) {
  std::map<std::string, const v1::File*> out;
  for (const auto& file : manifest.files())
    if (file.path() != kLayersName) out.emplace(file.path(), &file);
  return out;
}

std::vector<FileChange> diff_files(const v1::Manifest& before, const v1::Manifest& after) {
  const auto left = files_of(before);
  const auto right = files_of(after);
  std::vector<FileChange> out;
  for (const auto& [path, file] : left) {
    const auto other = right.find(path);
    if (other == right.end())
      out.push_back({FileChangeKind::Removed, path, file->length(), 0});
    else if (file->sha256() != other->second->sha256() || file->role() != other->second->role())
      out.push_back({FileChangeKind::Changed, path, file->length(), other->second->length()});
  }
  for (const auto& [path, file] : right)
    if (!left.contains(path)) out.push_back({FileChangeKind::Added, path, 0, file->length()});
  std::sort(out.begin(), out.end(),
            [](const FileChange& a, const FileChange& b) { return tree_order(a.path, b.path); });
  return out;
}

}  // namespace

ManifestDiff diff_manifests(const v1::Manifest& before, const v1::Manifest& after) {
  ManifestDiff diff;
  Walk(diff.fields).run(&before, &after, "");
  diff.files = diff_files(before, after);
  return diff;
}

}  // namespace owrd::release
