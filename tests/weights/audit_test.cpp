#include "daemon/weights/audit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/weights/made_zip.h"

namespace owrd::weights {
namespace {

using namespace std::string_literals;

const std::string kSystem = "cos\nsystem\n(S'id'\ntR.";

/// "fail pickle.dangerous, warn code.python", in the order of the findings.
std::string rules_of(const std::string& name, const std::string& bytes) {
  TextSource source(bytes);
  std::string rules;
  for (const auto& finding : audit(name, source))
    rules +=
        (rules.empty() ? "" : ", ") + std::string(to_string(finding.severity)) + " " + finding.rule;
  return rules;
}

std::string npy(const std::string& descr, const std::string& data) {
  auto header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,), }";
  header.resize(117, ' ');
  header += '\n';
  return "\x93NUMPY\x01\x00"s + le(header.size(), 2) + header + data;
}

TEST(Audit, HasARuleForEachRisk) {
  struct Case {
    std::string name, bytes, rules;
  };
  const auto safetensors = safetensors_file("{}", 0);
  const auto gguf = [](std::string_view chat) {
    return MadeGguf().text("tokenizer.chat_template", chat).file();
  };
  const auto pe = "MZ" + std::string(58, '\0') + le(64, 4) + "PE\0\0"s;
  const std::string token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345";
  const auto key = "-----BEGIN RSA PRIVATE KEY-----\n" + std::string(80, 'A');
  const auto lambda =
      R"({"class_name":"Functional","config":{"layers":[{"class_name":"Lambda"}]}})"s;
  const Case cases[] = {
      {"model.safetensors", safetensors, "pass weights.readable"},
      {"model.safetensors", safetensors + "x", "fail safetensors.invalid"},
      {"model.safetensors", "<html>", "fail weights.broken"},
      {"model.safetensors", "version https://git-lfs.github.com/spec/v1\n", "fail lfs.pointer"},
      {"a.gguf", gguf("{{ messages[0].content }}"), "pass weights.readable"},
      {"a.gguf", gguf("{{ x.__class__ }}"), "pass weights.readable, fail template.escape"},
      {"a.gguf", "GGUF" + le(3, 4) + le(~0ULL, 8) + le(0, 8), "fail gguf.invalid"},
      {"a.bin", "lmgg" + le(0, 4), "pass weights.readable, warn ggml.tensors"},
      {"a.pkl", "\x80\x02}.", "pass pickle.weights-only"},
      {"a.pkl",
       "\x80\x02"
       "cfoo\nbar\n.",
       "fail pickle.unknown"},
      {"a.pkl", kSystem, "fail pickle.dangerous"},
      {"a.pt", kSystem, "fail pickle.dangerous"},
      {"a.pt", "abc", "fail pickle.unknown"},
      {"a.ckpt", "", "fail weights.broken, fail pickle.unknown"},
      {"notes.txt", kSystem, "fail pickle.dangerous"},
      {"vocab.dat", "\x80\x04\x8c\x02os\x8c\x06system\x93.", "fail pickle.dangerous"},
      {"a.pt", made_zip({{"m/data.pkl", "\x80\x02}."}}),
       "pass weights.readable, pass pickle.weights-only"},
      {"a.pt", made_zip({{"m/data.pkl", kSystem}}), "pass weights.readable, fail pickle.dangerous"},
      {"a.pt", made_zip({{"m/data.pkl", "\x80\x02}."}, {"m/code/x.py", "x"}}),
       "pass weights.readable, fail torch.script, pass pickle.weights-only, warn code.python"},
      {"a.pt", made_zip({{"m/config.pkl", kSystem}}), "fail torch.invalid, fail pickle.dangerous"},
      {"a.pt", made_zip({{"m/data.pkl", "\x80\x02}.", 1}}), "fail torch.invalid, fail zip.invalid"},
      {"a.zip", made_zip({{"x.txt", kSystem}}), "fail pickle.dangerous"},
      {"a.zip", made_zip({{"x.zip", made_zip({{"y.zip", made_zip({{"z.zip", made_zip({})}})}})}}),
       "fail archive.deep"},
      {"a.npy", npy("<f4", "1234"), "pass weights.readable"},
      {"a.npy", npy("<f4", "12345"), "fail numpy.invalid"},
      {"a.npy", npy("|O", kSystem), "fail numpy.objects, fail pickle.dangerous"},
      {"a.npz", made_zip({{"a.npy", npy("|O", kSystem)}}),
       "pass weights.readable, warn numpy.objects, fail numpy.objects, fail pickle.dangerous"},
      {"a.npz", made_zip({{"a.npy", npy("<f4", "1234")}}), "pass weights.readable"},
      {"a.keras", made_zip({{"config.json", lambda}}), "pass weights.readable, fail keras.code"},
      {"a.keras", made_zip({{"config.json", R"({"class_name":"X","module":"os"})"}}),
       "pass weights.readable, fail keras.code"},
      {"a.keras", made_zip({{"config.json", R"({"class_name":"Dense","module":"keras.layers"})"}}),
       "pass weights.readable"},
      {"lib.bin",
       "\x7f"
       "ELF\2\1\1",
       "fail native.binary"},
      {"a.bin", "\0asm\1\0\0\0"s, "fail native.binary"},
      {"a.bin", "\xCF\xFA\xED\xFE....", "fail native.binary"},
      {"a.bin", pe, "fail native.binary"},
      {"libx.so.1", "text", "fail native.name"},
      {"run.sh", "#!/bin/sh\n", "warn native.script, fail native.name"},
      {"modeling_x.py", "import os\n", "warn code.python"},
      {"a.ipynb", "{}", "warn code.notebook"},
      {"a.tar.gz", "\x1f\x8b\x08", "fail archive.opaque"},
      {"a.7z", "7z\xBC\xAF\x27\x1C", "fail archive.opaque"},
      {"a.zip", "text", "fail archive.opaque"},
      {"a.gguf", MadeGguf().file() + made_zip({}),
       "fail polyglot.zip, pass weights.readable, warn gguf.left-over"},
      {"config.json", R"({"auto_map":{"AutoModel":"modeling_x.X"}})", "warn config.auto-map"},
      {"sub/config.json", R"({"auto_map":{"AutoModel":["o/r--modeling_x.X",null]}})",
       "fail config.remote-code"},
      {"config.json", R"({"trust_remote_code":true})", "fail config.trust-remote-code"},
      {"config.json", R"({"trust_remote_code":false})", ""},
      {"config.json", "{,}", "warn json.invalid"},
      {"config.json", R"({"a":1,"a":2})", "warn json.invalid"},
      {"model.safetensors.index.json", R"({"weight_map":{"a":"../x"}})", "fail index.invalid"},
      {"tokenizer_config.json", R"({"chat_template":"{{ x|attr('y') }}"})", "fail template.escape"},
      {"tokenizer_config.json", R"({"chat_template":[{"name":"a","template":"{% import 'x' %}"}]})",
       "warn template.include"},
      {"chat_template.jinja", "{{ cycler.x }}", "fail template.escape"},
      {"chat_template.jinja", "{{ messages|selectattr('role') }}", ""},
      {"chat_template.jinja", "{{ 'a\xE2\x80\x8B' }}", "warn template.hidden"},
      {"chat_template.jinja", "{{ '" + std::string(600, 'Q') + "' }}", "warn template.blob"},
      {"preset.ini", "[x]\n", "warn llama.preset"},
      {"README.md", "token: " + token, "fail secret.token"},
      {"README.md", "token: hf_" + std::string(34, 'x'), ""},
      {"README.md", "x" + token, ""},
      {"id_rsa", key, "fail secret.private-key"},
      {"README.md", "-----BEGIN PUBLIC KEY-----\n" + std::string(80, 'A'), ""},
      {"README.md", "# A model\n", ""},
      {"empty", "", ""},
  };
  for (const auto& [name, bytes, rules] : cases) {
    SCOPED_TRACE(name + " " + bytes.substr(0, 100));
    EXPECT_EQ(rules_of(name, bytes), rules);
  }
}

TEST(Audit, NamesTheMemberOfAnArchive) {
  TextSource source(made_zip({{"x/y.pkl", kSystem}}));

  const auto findings = audit("a.zip", source);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message, "member \"x/y.pkl\": is a pickle that runs code");
  EXPECT_EQ(findings[0].detail,
            "globals: \"os.system\"; global \"os.system\" leads to code; opcode STRING; "
            "calls \"os.system\"");
}

TEST(Audit, NeverRepeatsASecret) {
  const std::string token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345";
  TextSource source("token: " + token);

  const auto findings = audit("README.md", source);

  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message, "holds what looks like a token of Hugging Face");
  EXPECT_EQ(findings[0].detail, "at byte 7");
}

TEST(Audit, SaysWhatCannotBeRead) {
  const auto header =
      R"({"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}})"s;
  HeadOnlySource source(safetensors_file(header, 0), 8 + header.size() + (1ULL << 40));

  const auto findings = audit("model.safetensors", source);

  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, "file.unreadable");  // The end, where a ZIP's would be.
  EXPECT_EQ(findings[1].rule, "weights.readable");
}

TEST(Audit, ReadsOfLargeWeightsHeadAndEndAlone) {
  const auto header = R"({"a":{"dtype":"U8","shape":[8000000],"data_offsets":[0,8000000]}})"s;
  TextSource source(safetensors_file(header, 8'000'000));

  const auto findings = audit("model.safetensors", source);

  EXPECT_EQ(worst(findings), Severity::Pass);
  EXPECT_LT(source.read_bytes(), 80'000U);
}

}  // namespace
}  // namespace owrd::weights
