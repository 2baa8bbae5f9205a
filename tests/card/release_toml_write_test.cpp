#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "daemon/card/release_toml.h"
#include "daemon/card/release_toml_rows.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/manifest.h"
#include "tests/card/every_field.h"

namespace owrd::card {
namespace {

using google::protobuf::util::MessageDifferencer;

/// Takes the # off every key that is written as an example.
std::string with_examples(const std::string& text) {
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);)
    all +=
        (line.starts_with('#') && !line.starts_with("# ") && line != "#" ? line.substr(1) : line) +
        '\n';
  return all;
}

void find_types(const Descriptor& type, std::set<const Descriptor*>& types) {
  if (!types.insert(&type).second) return;
  for (const auto* field : said_fields(type))
    if (field->message_type()) find_types(*field->message_type(), types);
}

std::set<std::string> names_of_all_fields() {
  std::set<const Descriptor*> types;
  find_types(*v1::Manifest::descriptor(), types);
  std::set<std::string> names = {"ReleaseFile.stated_label", "ReleaseFile.api_endpoints"};
  for (const auto* type : types)
    for (const auto* field : said_fields(*type)) names.insert(type->name() + "." + field->name());
  return names;
}

/// The files that the examples speak of.
void add_files(const google::protobuf::Message& message, std::set<std::string>& paths) {
  const auto& r = *message.GetReflection();
  for (const auto* field : said_fields(*message.GetDescriptor())) {
    const int count = field->is_repeated() ? r.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->message_type())
        add_files(field->is_repeated() ? r.GetRepeatedMessage(message, field, i)
                                       : r.GetMessage(message, field),
                  paths);
      else if (field->name() == "paths")
        paths.insert(r.GetRepeatedString(message, field, i));
      else if (field->name() == "path" || field->name().ends_with("_path"))
        paths.insert(r.GetString(message, field));
    }
  }
}

TEST(ReleaseTomlRows, HaveEachFieldOfTheSchemaOnce) {
  std::set<std::string> names;
  for (const auto& row : rows())
    EXPECT_TRUE(names.insert(std::string(row.field)).second) << row.field;
  EXPECT_EQ(names, names_of_all_fields());
}

TEST(ReleaseTomlRows, HaveCommentsOfOneLineAndExamplesForAllButTables) {
  for (const auto& row : rows()) {
    EXPECT_FALSE(row.comment.empty()) << row.field;
    EXPECT_EQ(row.comment.find('\n'), row.comment.npos) << row.field;
    EXPECT_FALSE(row.comment.ends_with('.')) << row.field;
  }
  std::set<const Descriptor*> types;
  find_types(*v1::Manifest::descriptor(), types);
  for (const auto* type : types)
    for (const auto* field : said_fields(*type))
      EXPECT_EQ(find_row(*field)->example.empty(), value_kind(*field) == ValueKind::Table)
          << field->full_name();
}

TEST(ReleaseTomlWritten, SaysNothingUntilSomethingIsSaid) {
  const auto file = parse_release_toml(write_release_toml({}));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->said.ByteSizeLong(), 0U);
}

TEST(ReleaseTomlWritten, ReadsWithAllOfItsExamples) {
  const auto file = parse_release_toml(with_examples(write_release_toml({})));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->said.model(), "atlas-7b");
  EXPECT_EQ(file->stated_label, "OM-OW");
  std::vector<const FieldDescriptor*> set;
  file->said.GetReflection()->ListFields(file->said, &set);
  EXPECT_EQ(set, said_fields(*v1::Manifest::descriptor()));
}

TEST(ReleaseTomlWritten, HasExamplesThatKeepTheRulesOfManifests) {
  auto file = parse_release_toml(with_examples(write_release_toml({})));
  ASSERT_TRUE(file) << file.error().message;
  std::set<std::string> paths = {"layers.owrd"};
  add_files(file->said, paths);

  auto& manifest = file->said;
  manifest.set_publisher_id(std::string(32, '\1'));
  manifest.set_created(1'790'000'000);
  manifest.set_dir("atlas-7b-1.0.0");
  manifest.set_piece_length(1 << 20);
  for (const auto& path : paths) {
    auto& added = *manifest.add_files();
    added.set_path(path);
    added.set_role(path == "layers.owrd" ? v1::FILE_ROLE_LAYERS : v1::FILE_ROLE_OTHER);
    added.set_sha256(path == "layers.owrd" ? hash::sha256({}).to_field() : std::string(32, '\2'));
    if (path == "layers.owrd") continue;
    added.set_pieces_root(std::string(32, '\3'));
    added.set_length(1);
  }
  const auto made = release::make_manifest(manifest);
  EXPECT_TRUE(made) << made.error().message;
}

TEST(ReleaseTomlWritten, ReadsBackAsWhatWasKnown) {
  const auto known = testing::every_field();

  const auto file = parse_release_toml(write_release_toml({known, "OM-OW", {"https://a.example"}}));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(MessageDifferencer::Equals(file->said, known));
  EXPECT_EQ(file->stated_label, "OM-OW");
  EXPECT_EQ(file->api_endpoints, std::vector<std::string>{"https://a.example"});
}

TEST(ReleaseTomlWritten, ReadsBackWhateverIsSet) {
  std::mt19937 random(20260331);
  for (int i = 0; i < 50; ++i) {
    const auto known = testing::some_fields(random);
    const auto text = write_release_toml({known});
    const auto file = parse_release_toml(text);
    ASSERT_TRUE(file) << file.error().message << "\n" << text;
    ASSERT_TRUE(MessageDifferencer::Equals(file->said, known)) << text;
    ASSERT_TRUE(parse_release_toml(with_examples(text))) << text;
  }
}

TEST(ReleaseTomlWritten, ReadsWithTheExamplesBesideWhatIsKnown) {
  ReleaseFile known;
  known.said.add_benchmarks()->set_metric("accuracy");
  known.said.add_benchmarks()->set_metric("f1");
  known.said.mutable_code()->mutable_training()->set_note("later");

  const auto file = parse_release_toml(with_examples(write_release_toml(known)));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->said.benchmarks(0).value(), "0.713");
  EXPECT_EQ(file->said.benchmarks(1).metric(), "f1");
  EXPECT_EQ(file->said.code().training().note(), "later");
}

TEST(ReleaseTomlWritten, LeavesOutWhatItCannotSay) {
  ReleaseFile known;
  known.said.set_created(1);
  known.said.add_files()->set_path("a");
  known.said.set_stage(static_cast<v1::Stage>(99));
  known.said.add_audiences(static_cast<v1::Audience>(99));
  known.said.add_rollout()->set_opens(-1);

  const auto file = parse_release_toml(write_release_toml(known));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->said.ShortDebugString(), "rollout { }");
}

TEST(ReleaseTomlWritten, HasItsRemarksAsComments) {
  const auto text =
      write_release_toml({}, {"architecture: from config.json", "bad\nmodel = \"x\""});

  EXPECT_NE(text.find("\n# architecture: from config.json\n"), text.npos);
  EXPECT_TRUE(parse_release_toml(text)->said.model().empty());
}

TEST(ReleaseTomlReference, IsThePageBesideTheCode) {
  std::ifstream page(OWRD_REFERENCE_FILE);

  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(page), {}) == release_toml_reference())
      << "write it again: owrd_make_reference > daemon/card/release_toml.md";
}

}  // namespace
}  // namespace owrd::card
