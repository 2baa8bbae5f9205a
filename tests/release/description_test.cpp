#include "daemon/release/description.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <functional>

#include "daemon/release/manifest.h"
#include "daemon/trust/wire_lint.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

using google::protobuf::Descriptor;

/// Sets every field below `message` to something that keeps the rules.
void fill(google::protobuf::Message& message);

std::string good_text(const google::protobuf::FieldDescriptor& field) {
  const auto& name = field.name();
  if (field.type() == google::protobuf::FieldDescriptor::TYPE_BYTES) return std::string(32, '\x44');
  if (name.ends_with("path") || name == "paths") return "LICENSE";
  if (name.ends_with("url")) return "https://example.org/x";
  if (name == "cutoff") return "2026-03";
  return "1.5";
}

void fill_field(google::protobuf::Message& message,
                const google::protobuf::FieldDescriptor& field) {
  using F = google::protobuf::FieldDescriptor;
  const auto& r = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case F::CPPTYPE_MESSAGE:
      return fill(many ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field));
    case F::CPPTYPE_STRING:
      return many ? r.AddString(&message, &field, good_text(field))
                  : r.SetString(&message, &field, good_text(field));
    case F::CPPTYPE_ENUM:
      return many ? r.AddEnumValue(&message, &field, 1) : r.SetEnumValue(&message, &field, 1);
    case F::CPPTYPE_INT64:
      return r.SetInt64(&message, &field, 1'790'000'000);
    case F::CPPTYPE_UINT64:
      return r.SetUInt64(&message, &field, 7);
    case F::CPPTYPE_UINT32:
      return r.SetUInt32(&message, &field, 7);
    case F::CPPTYPE_BOOL:
      return r.SetBool(&message, &field, true);
    default:
      FAIL() << field.full_name() << " has a type that manifests do not use";
  }
}

void fill(google::protobuf::Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i)
    fill_field(message, *message.GetDescriptor()->field(i));
}

v1::Manifest full_message() {
  auto message = testing::example_message();
  const auto& type = *message.GetDescriptor();
  for (int number = 11; number <= 35; ++number)
    fill_field(message, *type.FindFieldByNumber(number));
  for (int number = 3; number <= 6; ++number)
    fill_field(*message.mutable_license(),
               *message.license().GetDescriptor()->FindFieldByNumber(number));
  return message;
}

TEST(Description, MayBeWholeAndBeAbsent) {
  EXPECT_TRUE(check_description(testing::example_message()));

  const auto manifest = make_manifest(full_message());

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->message().SerializeAsString(), full_message().SerializeAsString());
}

TEST(Description, RefusesEachBrokenRuleByField) {
  const struct {
    std::function<void(v1::Manifest&)> change;
    std::string error;
  } cases[] = {
      {[](auto& m) { m.set_summary("two\nlines"); },
       R"(summary: "two\x0alines" has characters that do not print)"},
      {[](auto& m) { m.set_changelog("\x1b[2J"); },
       R"(changelog: "\x1b[2J" has characters that do not print)"},
      {[](auto& m) { m.set_display_name(std::string(1025, 'x')); },
       "display_name: is longer than 1024 bytes"},
      {[](auto& m) { m.set_changelog(std::string(65'537, 'x')); },
       "changelog: is longer than 65536 bytes"},
      {[](auto& m) { m.add_tags(""); }, "tags[0]: is empty"},
      {[](auto& m) {
         for (int i = 0; i < 1025; ++i) m.add_tags("x");
       },
       "tags: has 1025 elements; at most 1024 are allowed"},
      {[](auto& m) { m.set_supersedes("short"); }, "supersedes: expected 32 bytes"},
      {[](auto& m) { m.add_derived_from()->set_release_id(std::string(33, 'x')); },
       "derived_from[0].release_id: expected 32 bytes"},
      {[](auto& m) { m.mutable_recipe()->set_guide_path("GUIDE.md"); },
       R"(recipe.guide_path: "GUIDE.md" is not among the files)"},
      {[](auto& m) { m.add_components()->add_paths("release.owrd"); },
       R"(components[0].paths[0]: "release.owrd" is not among the files)"},
      {[](auto& m) { m.add_audits()->add_findings()->set_path("../x"); },
       R"(audits[0].findings[0].path: "../x" is not among the files)"},
      {[](auto& m) { m.mutable_data()->add_datasets()->set_url("javascript:alert(1)"); },
       "data.datasets[0].url: \"javascript:alert(1)\" is no URL, such as "
       "https://example.org/atlas"},
      {[](auto& m) { m.mutable_license()->set_url("example.org"); },
       R"(license.url: "example.org" is no URL, such as https://example.org/atlas)"},
      {[](auto& m) { m.mutable_license()->set_name("a\nb"); },
       R"(license.name: "a\x0ab" has characters that do not print)"},
      {[](auto& m) { m.mutable_data()->set_cutoff("March"); },
       R"(data.cutoff: "March" is no date, such as 2026-03 or 2026-03-31)"},
      {[](auto& m) { m.add_benchmarks()->set_value("84,2"); },
       R"(benchmarks[0].value: "84,2" is no decimal number)"},
      {[](auto& m) { m.mutable_recipe()->add_stages()->set_tokens("15T"); },
       R"(recipe.stages[0].tokens: "15T" is no decimal number)"},
      {[](auto& m) { m.add_benchmarks()->set_measured(-1); },
       "benchmarks[0].measured: -1 is no time between 1970 and 9999"},
      {[](auto& m) { m.add_components()->set_license(std::string(257, 'M')); },
       "components[0].license: is longer than 256 bytes"},
      {[](auto& m) { m.set_stage(static_cast<v1::Stage>(9)); },
       "stage: is no stage that this version of owrd knows"},
      {[](auto& m) { m.add_rollout()->set_stage(static_cast<v1::Stage>(9)); },
       "rollout[0].stage: is no stage that this version of owrd knows"},
      {[](auto& m) {
         m.add_rollout()->set_stage(v1::STAGE_UNSPECIFIED);
         m.add_rollout()->set_stage(v1::STAGE_STAGED);
       },
       "rollout[1]: goes back to an earlier stage"},
      {[](auto& m) {
         m.add_rollout()->set_opens(20);
         m.add_rollout()->set_opens(10);
       },
       "rollout[1]: opens before the step before it"},
      {[](auto& m) {
         m.add_components()->set_kind(v1::COMPONENT_KIND_DATASETS);
         m.add_components()->set_kind(v1::COMPONENT_KIND_DATASETS);
       },
       "components[1]: is of a kind that is listed before it"},
  };
  for (const auto& [change, error] : cases) {
    SCOPED_TRACE(error);
    auto message = testing::example_message();
    change(message);

    const auto manifest = make_manifest(message);

    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().message, "manifest: " + error);
  }
}

// Values that a later version adds to a descriptive enum.
TEST(Description, PassesOverEnumValuesThatItDoesNotKnow) {
  auto message = testing::example_message();
  message.add_audiences(static_cast<v1::Audience>(99));
  message.mutable_data()->set_availability(static_cast<v1::Availability>(99));
  message.mutable_use()->add_items()->set_kind(static_cast<v1::RestrictionKind>(99));

  EXPECT_TRUE(make_manifest(message));
}

/// The schema as it was before a manifest said anything of the release.
const Descriptor* older_schema(google::protobuf::DescriptorPool& pool) {
  google::protobuf::FileDescriptorProto file;
  v1::Manifest::descriptor()->file()->CopyTo(&file);
  for (auto& type : *file.mutable_message_type()) {
    const bool is_manifest = type.name() == "Manifest";
    if (!is_manifest && type.name() != "License") continue;
    auto& fields = *type.mutable_field();
    for (int i = fields.size() - 1; i >= 0; --i) {
      const int number = fields[i].number();
      if (is_manifest ? number >= 11 && number <= 35 : number >= 3) fields.DeleteSubrange(i, 1);
    }
  }
  google::protobuf::FileDescriptorProto imported;
  v1::Root::descriptor()->file()->CopyTo(&imported);
  pool.BuildFile(imported);
  return pool.BuildFile(file)->FindMessageTypeByName("Manifest");
}

TEST(Description, DoesNotHinderAReaderThatDoesNotKnowIt) {
  google::protobuf::DescriptorPool pool;
  const auto* older = older_schema(pool);
  ASSERT_EQ(older->FindFieldByNumber(11), nullptr);
  const auto payload = full_message().SerializeAsString();
  google::protobuf::DynamicMessageFactory factory(&pool);
  const std::unique_ptr<google::protobuf::Message> read(factory.GetPrototype(older)->New());

  EXPECT_TRUE(trust::lint_wire(as_bytes(payload), *older, trust::UnknownFields::Tolerate));
  ASSERT_TRUE(read->ParseFromString(payload));

  EXPECT_EQ(read->GetReflection()->FieldSize(*read, older->FindFieldByName("files")), 5);
  EXPECT_EQ(read->SerializeAsString().size(), payload.size());
}

}  // namespace
}  // namespace owrd::release
