#include "daemon/release/manifest_diff.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

using Fields = std::vector<FieldChange>;
using Files = std::vector<FileChange>;

TEST(ManifestDiff, OfAManifestAndItselfIsEmpty) {
  const auto message = testing::example_message();
  const auto diff = diff_manifests(message, message);
  EXPECT_TRUE(diff.fields.empty());
  EXPECT_TRUE(diff.files.empty());
}

TEST(ManifestDiff, NamesEachFieldWithBothValues) {
  auto before = testing::example_message();
  before.add_tags("text");
  before.add_benchmarks()->set_value("80.1");
  before.mutable_data()->set_personal_data(v1::ANSWER_YES);
  auto after = before;
  after.set_version("1.1.0");
  after.set_stage(v1::STAGE_DEPRECATED);
  after.set_supersedes("\x01\xff");
  after.clear_tags();
  after.mutable_benchmarks(0)->set_value("82.0");
  after.mutable_benchmarks(0)->set_measured(1'790'000'001);
  after.mutable_architecture()->set_parameters_total(7);
  after.mutable_code()->set_remote_code_required(true);
  after.clear_data();
  after.add_audiences(v1::AUDIENCE_ANY);

  EXPECT_EQ(diff_manifests(before, after).fields,
            (Fields{{"version", "1.0.0", "1.1.0"},
                    {"stage", "", "STAGE_DEPRECATED"},
                    {"tags[0]", "text", ""},
                    {"supersedes", "", "01ff"},
                    {"data.personal_data", "ANSWER_YES", ""},
                    {"code.remote_code_required", "", "true"},
                    {"architecture.parameters_total", "", "7"},
                    {"benchmarks[0].value", "80.1", "82.0"},
                    {"benchmarks[0].measured", "", "1790000001"},
                    {"audiences[0]", "", "AUDIENCE_ANY"}}));
}

TEST(ManifestDiff, KeepsFilesApart) {
  const auto before = testing::example_message();
  auto after = before;
  after.mutable_files(3)->set_sha256(std::string(32, '\x09'));
  after.mutable_files(3)->set_length(5);
  after.mutable_files(4)->set_path("vocab.txt");

  const auto diff = diff_manifests(before, after);

  EXPECT_TRUE(diff.fields.empty());
  EXPECT_EQ(diff.files, (Files{{FileChangeKind::Changed, "model.safetensors", 200'000, 5},
                               {FileChangeKind::Removed, "tokenizer/vocab.txt", 70'000, 0},
                               {FileChangeKind::Added, "vocab.txt", 0, 70'000}}));
}

/// One change in every field of the schema.
void change_all(google::protobuf::Message& message, int depth) {
  using F = google::protobuf::FieldDescriptor;
  const auto& r = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto& field = *message.GetDescriptor()->field(i);
    if (depth == 0 && field.name() == "files") continue;
    const bool many = field.is_repeated();
    if (field.cpp_type() == F::CPPTYPE_MESSAGE)
      change_all(many ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field),
                 depth + 1);
    else if (field.cpp_type() == F::CPPTYPE_STRING)
      many ? r.AddString(&message, &field, "x") : r.SetString(&message, &field, "x");
    else if (field.cpp_type() == F::CPPTYPE_ENUM)
      many ? r.AddEnumValue(&message, &field, 1) : r.SetEnumValue(&message, &field, 1);
    else if (field.cpp_type() == F::CPPTYPE_BOOL)
      r.SetBool(&message, &field, true);
    else if (field.cpp_type() == F::CPPTYPE_INT64)
      r.SetInt64(&message, &field, 1);
    else if (field.cpp_type() == F::CPPTYPE_UINT64)
      r.SetUInt64(&message, &field, 1);
    else
      r.SetUInt32(&message, &field, 1);
  }
}

int count_values(const google::protobuf::Descriptor& type, int depth) {
  int count = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (depth == 0 && field.name() == "files") continue;
    count += field.message_type() != nullptr ? count_values(*field.message_type(), depth + 1) : 1;
  }
  return count;
}

TEST(ManifestDiff, MissesNoFieldOfTheSchema) {
  v1::Manifest after;
  change_all(after, 0);

  const auto diff = diff_manifests({}, after);

  EXPECT_EQ(static_cast<int>(diff.fields.size()), count_values(*v1::Manifest::descriptor(), 0));
  for (const auto& change : diff.fields) {
    EXPECT_EQ(change.before, "") << change.path;
    EXPECT_NE(change.after, "") << change.path;
  }
}

}  // namespace
}  // namespace owrd::release
