#include "daemon/release/label.h"

#include <gtest/gtest.h>

#include "daemon/release/label_badge.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

using Lacks = std::vector<std::string>;

/// `a` is architecture and inference code together.
LabelParts parts(bool a, bool w, bool d, bool training, bool preprocessing) {
  return {a, a, w, d, training, preprocessing};
}

// A: architecture and inference code. W: weights. D: datasets. Two more for replication.
TEST(Label, FollowsTheTruthTableOfItsFiveParts) {
  for (unsigned bits = 0; bits < 32; ++bits) {
    const bool a = bits & 1, w = bits & 2, d = bits & 4, t = bits & 8, p = bits & 16;
    const auto expected = !a       ? Label::None
                          : d && w ? Label::OM_OD_OW
                          : w      ? Label::OM_OW
                          : d      ? Label::OM_OD
                                   : Label::OM;
    SCOPED_TRACE(bits);

    const auto report = assess_label(parts(a, w, d, t, p));

    EXPECT_EQ(report.label, expected);
    EXPECT_EQ(report.is_replicable, a && w && d && t && p);
    EXPECT_EQ(report.why.empty(), expected == Label::OM_OD_OW);
  }
}

TEST(Label, NeedsBothArchitectureAndInferenceCode) {
  EXPECT_EQ(assess_label({true, false, true, true, true, true}).label, Label::None);
  EXPECT_EQ(assess_label({false, true, true, true, true, true}).label, Label::None);
}

TEST(Label, SaysWhatEachHigherOneLacks) {
  const auto none = assess_label({});
  ASSERT_EQ(none.why.size(), 4U);
  EXPECT_EQ(none.why[0].label, Label::OM);
  EXPECT_EQ(none.why[0].lacks, (Lacks{"model architecture", "inference code"}));
  EXPECT_EQ(none.why[3].label, Label::OM_OD_OW);
  EXPECT_EQ(none.why[3].lacks, (Lacks{"model architecture", "inference code", "model parameters",
                                      "training datasets"}));

  const auto weights = assess_label(parts(true, true, false, true, true));
  ASSERT_EQ(weights.why.size(), 2U);
  EXPECT_EQ(weights.why[0].label, Label::OM_OD);
  EXPECT_EQ(weights.why[1].lacks, (Lacks{"training datasets"}));
}

v1::CodePart in_release(const char* path) {
  v1::CodePart part;
  part.set_availability(v1::AVAILABILITY_IN_RELEASE);
  part.add_paths(path);
  return part;
}

TEST(Label, OfWeightsWithoutCodeIsNone) {
  EXPECT_EQ(label_of(testing::example_message()).label, Label::None);
}

TEST(Label, OfAReleaseHasTheWeights) {
  auto message = testing::example_message();
  *message.mutable_code()->mutable_architecture() = in_release("empty.txt");
  *message.mutable_code()->mutable_inference() = in_release("empty.txt");
  EXPECT_EQ(label_of(message).label, Label::OM_OW);

  auto& dataset = *message.mutable_data()->add_datasets();
  dataset.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  dataset.set_url("https://example.org/corpus.tar");
  EXPECT_EQ(label_of(message).label, Label::OM_OW) << "not pinned";
  dataset.set_sha256(std::string(32, '\x55'));
  EXPECT_EQ(label_of(message).label, Label::OM_OD_OW);
  EXPECT_FALSE(label_of(message).is_replicable);

  message.mutable_data()->add_datasets()->set_availability(v1::AVAILABILITY_GATED);
  EXPECT_EQ(label_of(message).label, Label::OM_OW) << "one of two";

  for (auto& file : *message.mutable_files()) file.set_role(v1::FILE_ROLE_OTHER);
  EXPECT_EQ(label_of(message).label, Label::None) << "OM is no label of a release";
  EXPECT_EQ(assess_label(label_parts(message)).label, Label::OM);
}

TEST(Label, CountsOnlyWhatAnybodyCanGetAndCheck) {
  const std::pair<v1::Availability, bool> cases[] = {
      {v1::AVAILABILITY_UNSTATED, false},    {v1::AVAILABILITY_IN_RELEASE, true},
      {v1::AVAILABILITY_PUBLIC_URL, true},   {v1::AVAILABILITY_GATED, false},
      {v1::AVAILABILITY_ON_REQUEST, false},  {v1::AVAILABILITY_SCRIPT, false},
      {v1::AVAILABILITY_NOT_PROVIDED, false}};
  for (const auto& [availability, counts] : cases) {
    auto message = testing::example_message();
    auto part = in_release("empty.txt");
    part.set_availability(availability);
    part.set_url("https://example.org/code");
    part.set_commit(std::string(40, 'a'));
    *message.mutable_code()->mutable_architecture() = part;
    *message.mutable_code()->mutable_inference() = part;
    EXPECT_EQ(label_of(message).label, counts ? Label::OM_OW : Label::None) << availability;
  }
}

// The licence is another axis.
TEST(Label, DoesNotDependOnTheLicense) {
  auto message = testing::example_message();
  *message.mutable_code()->mutable_architecture() = in_release("empty.txt");
  *message.mutable_code()->mutable_inference() = in_release("empty.txt");
  for (const auto* license : {"MIT", "CC-BY-NC-ND-4.0", "LicenseRef-hf-llama3.1"}) {
    message.mutable_license()->set_spdx_expression(license);
    EXPECT_EQ(label_of(message).label, Label::OM_OW) << license;
  }
}

TEST(LabelBadge, IsTheSameBytesForTheSameLabel) {
  EXPECT_EQ(
      label_svg(Label::OM_OW),
      R"svg(<svg xmlns="http://www.w3.org/2000/svg" width="52" height="20" viewBox="0 0 52 20" role="img" aria-label="Open Model - Open Weights">
<title>Open Model - Open Weights</title>
<g fill="none" stroke="#fff" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round">
<rect x="0" width="26" height="20" stroke="none" fill="#1b4f8f"/>
<path transform="translate(5 5)" d="M2 0H5L7 2V8L5 10H2L0 8V2Z"/>
<path transform="translate(14 5)" d="M0 10V0L3.5 5L7 0V10"/>
<rect x="26" width="26" height="20" stroke="none" fill="#14603a"/>
<path transform="translate(31 5)" d="M2 0H5L7 2V8L5 10H2L0 8V2Z"/>
<path transform="translate(40 5)" d="M0 0L1.5 10L3.5 4L5.5 10L7 0"/>
</g>
</svg>
)svg");
}

TEST(LabelBadge, HasATextAlternativeForEachLabel) {
  for (const auto label : {Label::None, Label::OM, Label::OM_OW, Label::OM_OD, Label::OM_OD_OW}) {
    const auto svg = label_svg(label);
    EXPECT_NE(svg.find("<title>" + std::string(long_name(label)) + "</title>"), svg.npos);
    EXPECT_EQ(svg.find("<text"), svg.npos) << "fonts differ";
  }
}

TEST(LabelBadge, HasAMarkdownForm) {
  EXPECT_EQ(label_markdown(Label::OM_OD_OW, "badge.svg"),
            "![Open Model - Open Dataset - Open Weights](badge.svg)\n");
  EXPECT_EQ(label_markdown(Label::OM, "a b) (c\n<d>.svg"),
            "![Open Model](a%20b%29%20%28c%3Cd%3E.svg)\n");
}

}  // namespace
}  // namespace owrd::release
