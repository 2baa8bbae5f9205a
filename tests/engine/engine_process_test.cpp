// What the engine holds a release to beside its signatures: the audit, the terms, what its
// publisher says.

#include "daemon/release/tensor_list.h"
#include "daemon/release/terms.h"
#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

using release::testing::Content;

/// os.system("x"), which never runs.
const std::string kPickle = "cos\nsystem\n(S'x'\ntR.";

class EngineProcessTest : public EngineTest {
 protected:
  EngineProcessTest() {
    content::put(model_ / "model.safetensors",
                 std::string(as_text(release::testing::weights_file("w", 5000).bytes)));
    content::put(model_ / "README.md", "# Atlas\n");
    content::put(model_ / "LICENSE", "terms");
  }

  PrepareRequest request() const {
    return PrepareRequest{model_, "acme", "atlas", "1.0", "Apache-2.0", {}, false};
  }
  AskerPtr<Prepared> prepare(const PrepareRequest& request) {
    auto asker = std::make_unique<Asker<Prepared>>();
    asker->subscription = engine().prepare(request, asker->observer());
    EXPECT_TRUE(until([&] { return asker->done.has_value(); }));
    return asker;
  }
  /// What was prepared; the test fails where nothing was.
  release::Manifest manifest_of(const PrepareRequest& request) {
    const auto prepared = prepare(request);
    EXPECT_TRUE(prepared->is_ok()) << prepared->error().message;
    return prepared->is_ok() ? (*prepared->done)->manifest : release_.manifest;
  }
  /// A release with a file that runs a program when it is loaded.
  MadeRelease hostile() const {
    return make_release_of(acme_, {release::testing::weights_file("model.safetensors", 70'000),
                                   Content{"extra.pkl", to_bytes(kPickle)}});
  }
  MadeRelease of_terms(const std::string& text) const {
    return make_release_of(acme_,
                           {release::testing::weights_file("model.safetensors", 70'000),
                            Content{"LICENSE", to_bytes(text)}},
                           [](v1::Manifest& message) {
                             auto& license = *message.mutable_license();
                             license.set_spdx_expression("LicenseRef-hf-llama3.1");
                             license.set_text_path("LICENSE");
                             for (auto& file : *message.mutable_files())
                               if (file.path() == "LICENSE") file.set_role(v1::FILE_ROLE_LICENSE);
                           });
  }
  Error error_of(const AskerPtr<TransferDone>& asker) {
    EXPECT_TRUE(until([&] { return asker->done.has_value(); }));
    return asker->error();
  }

  const std::filesystem::path model_ = home_ / "model";
};

TEST_F(EngineProcessTest, PublishRefusesWhatCouldRunUnlessItIsLetThrough) {
  content::put(model_ / "extra.pkl", kPickle);
  const auto refused = prepare(request());
  EXPECT_EQ(code_name(refused->error()), code_name({ErrorCode::Unsafe, ""}));
  EXPECT_TRUE(refused->error().message.starts_with("the audit refuses extra.pkl: pickle.dangerous"))
      << refused->error().message;
  EXPECT_TRUE(refused->error().hint.ends_with("--allow pickle")) << refused->error().hint;

  auto allowed = request();
  allowed.allow = {"pickle"};
  EXPECT_EQ(code_name(prepare(allowed)->error()), code_name({ErrorCode::InvalidInput, ""}));
  allowed.allow_reason = "the tokenizer needs it";
  const auto manifest = manifest_of(allowed);
  ASSERT_EQ(manifest.message().audits_size(), 1);
  const auto& audit = manifest.message().audits(0);
  EXPECT_EQ(audit.result(), v1::AUDIT_RESULT_FAIL);
  EXPECT_EQ(audit.allowed_formats(0), "pickle");
  EXPECT_EQ(audit.override_reason(), "the tokenizer needs it");
  ASSERT_EQ(audit.findings_size(), 1);
  EXPECT_EQ(audit.findings(0).path(), "extra.pkl");
  EXPECT_FALSE(audit.tool_version().empty());
}

TEST_F(EngineProcessTest, PublishListsTheTensorsWithTheirDigests) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok()) << prepared->error().message;
  auto asker = std::make_unique<Asker<Committed>>();
  asker->subscription =
      engine().commit({acme_.sign((*prepared->done)->manifest), false, false}, asker->observer());
  ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
  const auto list =
      release::parse_tensor_list(as_bytes(content::content_of(model_ / "tensors.owrd")));
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->files_size(), 1);
  EXPECT_EQ(list->files(0).format(), "safetensors");
  ASSERT_EQ(list->files(0).tensors_size(), 1);
  const auto& tensor = list->files(0).tensors(0);
  const auto file = content::content_of(model_ / "model.safetensors");
  ASSERT_EQ(tensor.end(), file.size());
  EXPECT_EQ(
      tensor.sha256(),
      hash::sha256(as_bytes(file).subspan(static_cast<std::size_t>(tensor.begin()))).to_field());
}

TEST_F(EngineProcessTest, PublishHoldsWhatIsSaidAgainstTheFiles) {
  const std::string header = R"({"w":{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}} )";
  content::put(model_ / "model.safetensors", std::string(1, static_cast<char>(header.size())) +
                                                 std::string(7, '\0') + header +
                                                 content::noise(4000));
  auto asked = request();
  asked.said.mutable_architecture()->set_parameters_total(1'000'000);
  asked.said.set_summary("A small model");
  EXPECT_TRUE(prepare(asked)->error().message.starts_with("parameter count"))
      << prepare(asked)->error().message;
  asked.said.mutable_architecture()->clear_parameters_total();
  asked.said.mutable_recipe()->set_guide_path("nowhere.md");
  EXPECT_TRUE(prepare(asked)->error().message.starts_with("manifest: recipe.guide_path"))
      << prepare(asked)->error().message;
  asked.said.mutable_recipe()->set_guide_path("README.md");
  EXPECT_EQ(manifest_of(asked).message().summary(), "A small model");
  asked.said.add_audits()->set_kind("owrd-audit");
  EXPECT_FALSE(prepare(asked)->is_ok());
}

TEST_F(EngineProcessTest, PublishRefusesWhatIsNoReleaseEachByItsOwnError) {
  auto asked = request();
  const auto message = [this](const PrepareRequest& what) {
    return prepare(what)->error().message;
  };
  asked.license = "LicenseRef-none-may-pass-it-on";
  asked.said.mutable_license()->mutable_grants()->set_redistribute(v1::ANSWER_NO);
  EXPECT_TRUE(message(asked).starts_with("proprietary release")) << message(asked);
  std::filesystem::remove(model_ / "model.safetensors");
  EXPECT_NE(message(request()).find("holds no weights"), std::string::npos) << message(request());
  asked = request();
  asked.api_endpoints = {"https://api.acme.example/v1"};
  EXPECT_TRUE(message(asked).starts_with("API-only release")) << message(asked);
  content::put(model_ / "model.py", "print(1)\n");
  EXPECT_TRUE(message(request()).starts_with("source-only release")) << message(request());
}

TEST_F(EngineProcessTest, GetHandsOverNothingThatTheAuditRefuses) {
  const auto release = hostile();
  const auto refused = get(by_bundle(release, to_));
  ASSERT_TRUE(until_given(release, [&] { return refused->done.has_value(); }));
  EXPECT_EQ(code_name(refused->error()), code_name({ErrorCode::Unsafe, ""}));
  EXPECT_TRUE(refused->error().hint.ends_with("owrd get acme/atlas:1.0.0 --allow pickle"))
      << refused->error().hint;
  EXPECT_FALSE(std::filesystem::exists(to_ / "extra.pkl"));
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));

  auto request = by_bundle(release, to_);
  request.allow = {"pickle"};
  const auto allowed = get(request);
  ASSERT_TRUE(until_given(release, [&] { return allowed->done.has_value(); }));
  EXPECT_TRUE(allowed->is_ok()) << allowed->error().message;
  EXPECT_EQ(content::content_of(to_ / "extra.pkl"), kPickle);
}

TEST_F(EngineProcessTest, TermsAreAcceptedOnceUntilTheirTextChanges) {
  const auto release = of_terms("the terms");
  const auto refused = get(by_bundle(release, to_));
  EXPECT_EQ(code_name(error_of(refused)), code_name({ErrorCode::NotAccepted, ""}));
  EXPECT_FALSE(std::filesystem::exists(to_));

  auto request = by_bundle(release, to_);
  request.dry_run = true;
  const auto plan = get(request);
  ASSERT_TRUE(until([&] { return plan->done.has_value(); }));
  const auto digest = hash::sha256(as_bytes(std::string("the terms")));
  ASSERT_EQ(plan->plans.size(), 1U);
  EXPECT_EQ(plan->plans.front().unaccepted_license, digest);

  // What states them may be read first.
  request.dry_run = false;
  request.include = {"LICENSE"};
  const auto text = get(request);
  ASSERT_TRUE(until_given(release, [&] { return text->done.has_value(); }));
  EXPECT_TRUE(text->is_ok()) << text->error().message;
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));

  request.include.clear();
  request.accept_license = std::string(64, '0');
  EXPECT_NE(error_of(get(request)).message.find("may have changed"), std::string::npos);
  request.accept_license = digest.to_hex();
  const auto accepted = get(request);
  ASSERT_TRUE(until_given(release, [&] { return accepted->done.has_value(); }));
  EXPECT_TRUE(accepted->is_ok()) << accepted->error().message;
  const auto licenses = engine().accepted_licenses();
  ASSERT_EQ(licenses->size(), 1U);
  EXPECT_EQ(licenses->front().digest, digest);
  EXPECT_EQ(licenses->front().ref, "acme/atlas:1.0.0");

  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  const auto again = get(by_bundle(release, home_ / "again"));
  ASSERT_TRUE(until_given(release, [&] { return again->done.has_value(); }));
  EXPECT_TRUE(again->is_ok()) << again->error().message;
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  const auto changed = get(by_bundle(of_terms("other terms"), home_ / "changed"));
  EXPECT_EQ(code_name(error_of(changed)), code_name({ErrorCode::NotAccepted, ""}));
}

}  // namespace
}  // namespace owrd::engine
