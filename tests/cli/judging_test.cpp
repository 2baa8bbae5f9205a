// The commands that say what a release is: from its signed manifest, or from a directory.

#include "daemon/hash/sha256.h"
#include "daemon/release/manifest.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"
#include "tests/cli/cli_test.h"
#include "tests/trust/make.h"

namespace owrd::cli {
namespace {

/// A safetensors file with one tensor of four bytes.
std::string weights() {
  const std::string header = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  return std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header + "abcd";
}

class JudgingCommand : public CliTest {
 protected:
  JudgingCommand() {
    start_daemon();
    v1::StatusReply status;
    status.set_uid(::geteuid());
    daemon->reply("Daemon/Status", status);
    v1::Manifest message;
    message.set_publisher_id(std::string(32, '\x11'));
    message.set_model("atlas");
    message.set_version("1.0.0");
    message.set_created(1'790'000'000);
    message.set_dir("atlas-1.0.0");
    message.set_piece_length(1 << 20);
    message.set_summary("A model");
    message.mutable_license()->set_spdx_expression("Apache-2.0");
    add_file(message, std::string(release::kLayersName), 0, v1::FILE_ROLE_LAYERS);
    add_file(message, "model.safetensors", 1000, v1::FILE_ROLE_WEIGHTS);
    const auto manifest = *release::make_manifest(message);
    release_id = manifest.release_id().to_hex();
    const auto key = trust::make_key(1);
    shown.set_envelope(std::string(
        as_text(trust::seal(trust::PayloadKind::Manifest, manifest.payload(), {&key}))));
    shown.mutable_release()->set_ref("acme/atlas:1.0.0");
    shown.mutable_release()->set_directory((home / "gone").string());
    daemon->reply("Releases/Show", shown);
    std::filesystem::create_directory(home / "model");
    write("model/model.safetensors", weights());
    write("model/LICENSE", "Apache License\nVersion 2.0, January 2004\n");
  }

  static void add_file(v1::Manifest& message, const std::string& path, std::uint64_t length,
                       v1::FileRole role) {
    auto& file = *message.add_files();
    file.set_path(path);
    file.set_length(length);
    file.set_sha256(hash::sha256(as_bytes(length > 0 ? path : "")).to_field());
    if (length > 0) file.set_pieces_root(hash::sha256(as_bytes(path + "root")).to_field());
    file.set_role(role);
  }
  std::string model() const { return (home / "model").string(); }

  v1::ShowReleaseReply shown;
  std::string release_id;
};

TEST_F(JudgingCommand, JudgesFourAxesAndSumsNothing) {
  EXPECT_EQ(run_owrd({"evaluate", "acme/atlas:1.0.0", "--json"}), 0) << err;
  const auto record = records().at(0);
  EXPECT_EQ(record["license"]["verdict"], "permissive");
  for (const auto* axis : {"data", "code", "use"}) EXPECT_EQ(record[axis]["verdict"], "not stated");
  EXPECT_EQ(record.size(), 5U);
  EXPECT_EQ(run_owrd({"evaluate", model()}), 0) << err;
  EXPECT_TRUE(prints("use restrictions"));
}

TEST_F(JudgingCommand, ComputesTheLabelAndDrawsIt) {
  EXPECT_EQ(run_owrd({"label", "acme/atlas:1.0.0"}), 0) << err;
  EXPECT_EQ(out, "none\n");
  const auto file = (home / "label.svg").string();
  EXPECT_EQ(run_owrd({"label", model(), "--svg", file, "--md"}), 0) << err;
  EXPECT_TRUE(read(file).starts_with("<svg"));
  EXPECT_TRUE(prints("label.svg"));
  EXPECT_EQ(run_owrd({"label", model(), "--why", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["why"].size(), 2U);
}

TEST_F(JudgingCommand, CallsNothingOpenSourceByItsWeightsAlone) {
  EXPECT_EQ(run_owrd({"openness", "acme/atlas:1.0.0", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["called"], "open weight");
  EXPECT_EQ(run_owrd({"openness", "acme/atlas:1.0.0"}), 0);
  EXPECT_FALSE(prints("open source"));
  EXPECT_EQ(run_owrd({"lineage", "acme/atlas:1.0.0"}), 0);
  EXPECT_TRUE(prints("not provided"));
  EXPECT_EQ(run_owrd({"cite", "acme/atlas:1.0.0", "--bibtex"}), 0);
  EXPECT_TRUE(prints(release_id));
}

TEST_F(JudgingCommand, InspectsFilesAndDirectories) {
  EXPECT_EQ(run_owrd({"inspect", model() + "/model.safetensors", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["weights"]["sets"][0]["parameters"], 1);
  EXPECT_EQ(run_owrd({"inspect", model(), "--tensors"}), 0) << err;
  EXPECT_TRUE(out.starts_with("w\tF32\t1\tmodel.safetensors\t")) << out;
  EXPECT_EQ(run_owrd({"inspect", model(), "--arch"}), 0) << err;
  EXPECT_EQ(out, "architecture  not provided\n");
  EXPECT_EQ(run_owrd({"inspect", model() + "/LICENSE"}), 64);
  EXPECT_EQ(run_owrd({"inspect", model() + "/model.safetensors", "--risks"}), 64);
}

TEST_F(JudgingCommand, AuditsWhatIsThereAndSaysSoByItsExitCode) {
  EXPECT_EQ(run_owrd({"audit", model()}), 0) << err;
  write("model/extra.pkl", "cos\nsystem\n(S'x'\ntR.");
  EXPECT_EQ(run_owrd({"audit", model()}), 17);
  EXPECT_TRUE(prints("fail\tpickle.dangerous\textra.pkl\t")) << out;
  EXPECT_TRUE(says("--allow pickle"));
  EXPECT_EQ(run_owrd({"audit", model(), "--allow", "pickle", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["findings"][0]["allowed"], true);
  EXPECT_EQ(run_owrd({"audit", "acme/atlas:1.0.0"}), 0) << "none of its files is there";
}

TEST_F(JudgingCommand, ReadsTerms) {
  EXPECT_EQ(run_owrd({"license", "check", "llama3.1", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["class"], "community-terms");
  EXPECT_EQ(run_owrd({"license", "show", "acme/atlas:1.0.0", "--json"}), 0) << err;
  EXPECT_EQ(records().at(0)["digest"],
            hash::sha256(as_bytes(std::string("Apache-2.0\n\n\n"))).to_hex());
  v1::ListLicensesReply reply;
  auto& license = *reply.add_licenses();
  license.set_digest(std::string(64, 'a'));
  license.set_ref("acme/atlas:1.0.0");
  license.set_license("LicenseRef-hf-gemma");
  license.set_accepted(1'790'000'000);
  daemon->reply("Licenses/List", reply);
  EXPECT_EQ(run_owrd({"license", "ls", "-q"}), 0) << err;
  EXPECT_EQ(out, "sha256:" + std::string(64, 'a') + "\n");
}

TEST_F(JudgingCommand, WritesADescriptionOnce) {
  EXPECT_EQ(run_owrd({"init", model()}), 0) << err;
  EXPECT_EQ(out, model() + "/release.toml\n");
  const auto text = read(home / "model/release.toml");
  EXPECT_NE(text.find("text_path = \"LICENSE\""), std::string::npos);
  EXPECT_EQ(run_owrd({"init", model()}), 1);
  EXPECT_EQ(read(home / "model/release.toml"), text);
  EXPECT_EQ(run_owrd({"init", (home / "nowhere").string()}), 13);
}

TEST_F(JudgingCommand, ExportsByFormat) {
  const auto file = (home / "sums").string();
  EXPECT_EQ(run_owrd({"export", "acme/atlas:1.0.0", "--format", "sha256sums", "-o", file}), 0)
      << err;
  EXPECT_NE(read(file).find("  model.safetensors\n"), std::string::npos);
  EXPECT_EQ(run_owrd({"export", "acme/atlas:1.0.0", "--format", "sha256sums", "-o", "-"}), 0);
  EXPECT_EQ(out, read(file));
  EXPECT_EQ(run_owrd({"export", "acme/atlas:1.0.0", "--format", "oms"}), 64);
  EXPECT_EQ(run_owrd({"export", "acme/atlas:1.0.0", "--format", "docx"}), 64);
}

TEST_F(JudgingCommand, WritesOverNoDeviceAndNoFileOfARelease) {
  const auto pipe = home / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(run_owrd({"label", model(), "--svg", pipe.string()}), 64);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  write("model/release.owrd", "proof");
  EXPECT_EQ(run_owrd({"label", model(), "--svg", model() + "/LICENSE"}), 1);
  EXPECT_TRUE(says("is a file of a release"));
  EXPECT_TRUE(read(home / "model/LICENSE").starts_with("Apache License"));
  std::filesystem::create_symlink(home / "real.svg", home / "link.svg");
  write("real.svg", "old");
  EXPECT_EQ(run_owrd({"label", model(), "--svg", (home / "link.svg").string()}), 0) << err;
  EXPECT_TRUE(std::filesystem::is_symlink(home / "link.svg"));
  EXPECT_TRUE(read(home / "real.svg").starts_with("<svg"));
  EXPECT_EQ(run_owrd({"label", model(), "--svg", "-"}), 0);
  EXPECT_TRUE(out.starts_with("<svg"));
}

TEST_F(JudgingCommand, ImportsNothingFromElsewhere) {
  write("secret", "private");
  std::filesystem::create_symlink(home / "secret", home / "model/notes.txt");
  const auto to = home / "imported";
  EXPECT_EQ(run_owrd({"import", model(), "--to", to.string()}), 64);
  EXPECT_TRUE(says("leads out of the directory")) << err;
  EXPECT_FALSE(std::filesystem::exists(to)) << "half a copy is in the way of the next try";
  std::filesystem::remove(home / "model/notes.txt");
  std::filesystem::create_symlink("LICENSE", home / "model/NOTICE");
  write("model/release.owrd", "of another release");
  EXPECT_EQ(run_owrd({"import", model(), "--to", to.string()}), 0) << err;
  EXPECT_EQ(read(to / "NOTICE"), read(home / "model/LICENSE"));
  EXPECT_FALSE(std::filesystem::exists(to / "release.owrd"));
  EXPECT_EQ(run_owrd({"import", model(), "--to", model() + "/in"}), 64);
  EXPECT_EQ(run_owrd({"import", (home / "nowhere").string(), "--to", (home / "x").string()}), 13);
}

TEST_F(JudgingCommand, TakesADescriptionOnlyFromARegularFile) {
  std::filesystem::create_symlink("/etc/passwd", home / "model/release.toml");
  EXPECT_EQ(run_owrd({"publish", model(), "--as", "acme/atlas:1.0.0", "--license", "MIT", "-n"}),
            64);
  EXPECT_TRUE(says("is no regular file")) << err;
}

}  // namespace
}  // namespace owrd::cli
