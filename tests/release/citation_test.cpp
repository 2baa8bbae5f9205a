#include "daemon/release/citation.h"

#include <gtest/gtest.h>

#include "daemon/release/lineage.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

Manifest make(const v1::Manifest& message) {
  auto manifest = make_manifest(message);
  EXPECT_TRUE(manifest) << manifest.error().message;
  return *std::move(manifest);
}

std::string id(const Manifest& manifest) { return "sha256:" + manifest.release_id().to_hex(); }

TEST(Citation, IsMadeOfTheManifestWhereNothingIsSaid) {
  const auto manifest = make(testing::example_message());

  EXPECT_EQ(citation_text(manifest, "acme"),
            "acme. atlas, version 1.0.0. 2026-09-21. " + id(manifest) + "\n");
  EXPECT_EQ(citation_text(manifest, ""),
            "atlas, version 1.0.0. 2026-09-21. " + id(manifest) + "\n");
  EXPECT_EQ(citation_bibtex(manifest, "acme"),
            "@misc{atlas-1-0-0,\n  author = {acme},\n  title = {atlas},\n  year = {2026},\n"
            "  version = {1.0.0},\n  note = {Release " +
                id(manifest) + "}\n}\n");
}

TEST(Citation, NamesAuthorsTitleAndDoi) {
  auto message = testing::example_message();
  message.set_display_name("Atlas & Co_1");
  message.mutable_citation()->add_authors("Ada Lovelace");
  message.mutable_citation()->add_authors("Alan Turing");
  message.mutable_citation()->set_doi("10.1000/182");
  const auto manifest = make(message);

  EXPECT_EQ(citation_text(manifest, "acme"),
            "Ada Lovelace, Alan Turing. Atlas & Co_1, version 1.0.0. 2026-09-21. "
            "https://doi.org/10.1000/182. " +
                id(manifest) + "\n");
  EXPECT_EQ(citation_bibtex(manifest, "acme"),
            "@misc{atlas-1-0-0,\n  author = {Ada Lovelace and Alan Turing},\n"
            "  title = {Atlas \\& Co\\_1},\n  year = {2026},\n  version = {1.0.0},\n"
            "  doi = {10.1000/182},\n  note = {Release " +
                id(manifest) + "}\n}\n");
}

TEST(Citation, IsThePublishersWhereThereIsOne) {
  auto message = testing::example_message();
  message.mutable_citation()->set_text("Cite us.");
  message.mutable_citation()->set_bibtex("@article{a}");
  const auto manifest = make(message);

  EXPECT_EQ(citation_text(manifest, "acme"), "Cite us. " + id(manifest) + "\n");
  EXPECT_EQ(citation_bibtex(manifest, "acme"), "% " + id(manifest) + "\n@article{a}\n");
}

TEST(Lineage, ListsTheParentsWithTheirTerms) {
  auto message = testing::example_message();
  auto& base = *message.add_derived_from();
  base.set_relation(v1::RELATION_QUANTIZED);
  base.set_name("acme/base");
  base.set_purl("pkg:huggingface/acme/base@0123");
  base.set_license("Apache-2.0");
  auto& other = *message.add_derived_from();
  other.set_relation(v1::RELATION_MERGE);
  other.set_release_id(std::string(32, '\x01'));
  const std::string hex = "0101010101010101010101010101010101010101010101010101010101010101";

  EXPECT_EQ(lineage_text(message),
            "atlas 1.0.0  licence Apache-2.0\n"
            "  quantized of acme/base  pkg:huggingface/acme/base@0123  licence Apache-2.0\n"
            "  merge of sha256:" +
                hex + "  licence not stated\n");
  EXPECT_EQ(lineage_text(testing::example_message()),
            "atlas 1.0.0  licence Apache-2.0\n  made of: not provided\n");
}

TEST(Lineage, KnowsTheRelationsOfHuggingFace) {
  EXPECT_EQ(hugging_face_relation(v1::RELATION_FINETUNE), "finetune");
  EXPECT_EQ(hugging_face_relation(v1::RELATION_QUANTIZED), "quantized");
  EXPECT_EQ(hugging_face_relation(v1::RELATION_DISTILLED), "");
  EXPECT_EQ(to_string(static_cast<v1::Relation>(99)), "derived");
}

}  // namespace
}  // namespace owrd::release
