#include "daemon/release/manifest.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/hash/sha256.h"
#include "daemon/release/path_rules.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

using Change = std::function<void(v1::Manifest&)>;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

v1::File& file_of(v1::Manifest& message, const std::string& path) {
  for (auto& file : *message.mutable_files())
    if (file.path() == path) return file;
  ADD_FAILURE() << "no file " << path;
  return *message.add_files();
}

v1::File weights(const std::string& path, std::uint64_t length) {
  v1::File file;
  file.set_path(path);
  file.set_length(length);
  file.set_pieces_root(std::string(32, '\x22'));
  file.set_sha256(std::string(32, '\x33'));
  file.set_role(v1::FILE_ROLE_WEIGHTS);
  return file;
}

/// `count` files of `length` bytes, and the layers.owrd that goes with them.
v1::Manifest uniform(int count, std::uint64_t length, std::uint64_t piece_length) {
  auto message = testing::example_message();
  message.set_piece_length(piece_length);
  message.clear_files();
  message.mutable_license()->clear_text_path();
  const auto pieces = (length + piece_length - 1) / piece_length;
  const auto layers_bytes = pieces > 1 ? static_cast<std::uint64_t>(count) * pieces * 32 : 0;
  auto& layers = *message.add_files() = weights(std::string(kLayersName), layers_bytes);
  layers.set_role(v1::FILE_ROLE_LAYERS);
  if (layers_bytes == 0) {
    layers.clear_pieces_root();
    layers.set_sha256(hash::sha256({}).to_field());
  }
  for (int i = 0; i < count; ++i)
    *message.add_files() = weights("m" + std::to_string(100'000 + i), length);
  return message;
}

TEST(Manifest, SaysWhatItsMessageSays) {
  const auto message = testing::example_message();

  const auto manifest = make_manifest(message);

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->release_id(), hash::sha256(manifest->payload()));
  EXPECT_EQ(as_text(manifest->payload()), message.SerializeAsString());
  EXPECT_EQ(manifest->publisher_id().to_field(), std::string(32, '\x11'));
  EXPECT_EQ(manifest->model(), "atlas");
  EXPECT_EQ(manifest->version(), "1.0.0");
  EXPECT_EQ(manifest->dir(), "atlas-1.0.0");
  EXPECT_EQ(manifest->license(), "Apache-2.0");
  EXPECT_EQ(manifest->created(), 1'790'000'000);
  EXPECT_EQ(manifest->piece_length(), 65'536U);
  ASSERT_EQ(manifest->files().size(), 5U);
  EXPECT_EQ(manifest->files()[2].path, "layers.owrd");
  EXPECT_EQ(manifest->files()[2].length, 32U * (4 + 2));
  EXPECT_EQ(manifest->files()[1].pieces_root, std::nullopt);
  EXPECT_EQ(manifest->total_bytes(), 1000U + 0 + 192 + 200'000 + 70'000);
}

TEST(Manifest, IsTheSameAfterParsingItsPayload) {
  const auto made = make_manifest(testing::example_message());
  ASSERT_TRUE(made);

  const auto parsed = Manifest::parse(made->payload());

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->payload(), made->payload());
  EXPECT_EQ(parsed->release_id(), made->release_id());
}

TEST(Manifest, KeepsFieldsOfALaterVersion) {
  // Field 99, which no version has: a varint, 1.
  auto payload = testing::example_message().SerializeAsString() + std::string("\x98\x06\x01");

  const auto manifest = Manifest::parse(as_bytes(payload));

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(as_text(manifest->payload()), payload);
  EXPECT_EQ(as_text(make_manifest(manifest->message())->payload()), payload);
}

TEST(Manifest, OfFilesOfOnePieceHasEmptyLayers) {
  const auto manifest = make_manifest(uniform(3, 16'384, 16'384));

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->files().front().length, 0U);
}

TEST(Manifest, RefusesEachBrokenRuleByName) {
  const struct {
    Change change;
    std::string error;
  } cases[] = {
      {[](auto& m) { m.add_required_features("time-lock"); },
       R"(needs the feature "time-lock", which this version of owrd does not know)"},
      {[](auto& m) { m.set_publisher_id("short"); }, "publisher id: expected 32 bytes"},
      {[](auto& m) { m.clear_publisher_id(); }, "publisher id: expected 32 bytes"},
      {[](auto& m) { m.set_model("at las"); },
       R"(model "at las": expected letters, digits, '.', '_' and '-', at most 96)"},
      {[](auto& m) { m.set_model(".."); },
       R"(model "..": expected letters, digits, '.', '_' and '-', at most 96)"},
      {[](auto& m) { m.set_version("1"); },
       R"(version "1": expected MAJOR.MINOR or MAJOR.MINOR.PATCH as in SemVer 2.0.0, such as 1.0 or 2.1.0-rc.1)"},
      {[](auto& m) { m.set_created(0); }, "created: 0 is no time between 1970 and 9999"},
      {[](auto& m) { m.set_created(-1); }, "created: -1 is no time between 1970 and 9999"},
      {[](auto& m) { m.set_created(253'402'300'800); },
       "created: 253402300800 is no time between 1970 and 9999"},
      {[](auto& m) { m.set_dir(""); }, R"(dir "": is empty)"},
      {[](auto& m) { m.set_dir("../x"); }, R"(dir "../x": has the element "..")"},
      {[](auto& m) { m.set_dir("a/b"); }, R"(dir "a/b": has more than one element)"},
      {[](auto& m) { m.set_piece_length(0); },
       "piece length 0: expected a power of two from 16 KiB to 128 MiB"},
      {[](auto& m) { m.set_piece_length(8192); },
       "piece length 8192: expected a power of two from 16 KiB to 128 MiB"},
      {[](auto& m) { m.set_piece_length(65'537); },
       "piece length 65537: expected a power of two from 16 KiB to 128 MiB"},
      {[](auto& m) { m.set_piece_length(256ULL << 20); },
       "piece length 268435456: expected a power of two from 16 KiB to 128 MiB"},
      {[](auto& m) { m.clear_files(); }, "does not list layers.owrd"},
      {[](auto& m) { m.mutable_files()->DeleteSubrange(2, 1); }, "does not list layers.owrd"},
      {[](auto& m) { *m.add_files() = weights("release.owrd", 5); },
       R"(file "release.owrd": is the manifest itself and cannot be listed in it)"},
      {[](auto& m) { *m.mutable_files(4) = weights("Release.owrd", 5); },
       R"(file "Release.owrd": comes after "model.safetensors", which is not the order of the file tree)"},
      {[](auto& m) { *m.mutable_files(0) = weights("RELEASE.OWRD", 5); },
       R"(file "release.owrd": differs from "RELEASE.OWRD" only by letter case)"},
      {[](auto& m) { m.mutable_files()->SwapElements(0, 1); },
       R"(file "LICENSE": comes after "empty.txt", which is not the order of the file tree)"},
      {[](auto& m) { *m.add_files() = weights("tokenizer/vocab.txt", 5); },
       R"(file "tokenizer/vocab.txt": is listed twice)"},
      {[](auto& m) { *m.add_files() = weights("tokenizer/vocab.txt/x", 5); },
       R"(file "tokenizer/vocab.txt/x": "tokenizer/vocab.txt" is a directory and a file)"},
      {[](auto& m) { *m.add_files() = weights("z/../../x", 5); },
       R"(file "z/../../x": has the element "..")"},
      {[](auto& m) { file_of(m, "LICENSE").clear_role(); },
       R"(file "LICENSE": has no role that this version of owrd knows)"},
      {[](auto& m) { file_of(m, "LICENSE").set_role(static_cast<v1::FileRole>(9)); },
       R"(file "LICENSE": has no role that this version of owrd knows)"},
      {[](auto& m) { file_of(m, "LICENSE").set_role(v1::FILE_ROLE_LAYERS); },
       R"(file "LICENSE": has the role LAYERS, which is layers.owrd's alone)"},
      {[](auto& m) { file_of(m, "layers.owrd").set_role(v1::FILE_ROLE_OTHER); },
       R"(file "layers.owrd": must have the role LAYERS)"},
      {[](auto& m) { file_of(m, "layers.owrd").set_length(191); },
       R"(file "layers.owrd": has 191 bytes where the other files' piece layers need 192)"},
      {[](auto& m) { file_of(m, "LICENSE").set_length(65'537); },
       R"(file "layers.owrd": has 192 bytes where the other files' piece layers need 256)"},
      {[](auto& m) { file_of(m, "LICENSE").clear_pieces_root(); },
       R"(file "LICENSE": its pieces root is not 32 bytes)"},
      {[](auto& m) { file_of(m, "LICENSE").set_pieces_root(std::string(32, '\0')); },
       R"(file "LICENSE": its pieces root is all zero)"},
      {[](auto& m) { file_of(m, "empty.txt").set_pieces_root(std::string(32, '\1')); },
       R"(file "empty.txt": is empty but has a pieces root)"},
      {[](auto& m) { file_of(m, "LICENSE").set_sha256("x"); },
       R"(file "LICENSE": its SHA-256 is not 32 bytes)"},
      {[](auto& m) { file_of(m, "empty.txt").set_sha256(std::string(32, '\1')); },
       R"(file "empty.txt": is empty but its SHA-256 is not that of nothing)"},
      {[](auto& m) { file_of(m, "LICENSE").set_length((1ULL << 46) + 1); },
       R"(file "LICENSE": is larger than 64 TiB)"},
      {[](auto& m) { file_of(m, "LICENSE").set_length(~0ULL); },
       R"(file "LICENSE": is larger than 64 TiB)"},
      {[](auto& m) {
         file_of(m, "LICENSE").set_length(1ULL << 46);
         file_of(m, "model.safetensors").set_length(1ULL << 46);
       },
       "the files are larger than 64 TiB together"},
      {[](auto& m) { m.mutable_license()->clear_spdx_expression(); }, "names no licence"},
      {[](auto& m) { m.clear_license(); }, "names no licence"},
      {[](auto& m) { m.mutable_license()->set_spdx_expression("MIT\x1b"); },
       R"(licence "MIT\x1b": expected at most 256 printable ASCII characters)"},
      {[](auto& m) { m.mutable_license()->set_spdx_expression(std::string(257, 'M')); },
       "licence \"" + std::string(80, 'M') +
           "...\": expected at most 256 printable ASCII characters"},
      {[](auto& m) { m.mutable_license()->set_text_path("COPYING"); },
       R"(licence text "COPYING" is not among the files)"},
      {[](auto& m) { m.add_trackers("wss://tracker.example"); },
       R"(tracker "wss://tracker.example": expected http://, https:// or udp://)"},
      {[](auto& m) {
         for (int i = 0; i < 32; ++i) m.add_trackers("http://a/");
       },
       "names 33 trackers; at most 32 are allowed"},
  };
  for (const auto& [change, error] : cases) {
    SCOPED_TRACE(error);
    auto message = testing::example_message();
    change(message);
    const auto manifest = make_manifest(message);
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(manifest.error().message, "manifest: " + error);
    EXPECT_EQ(manifest.error().hint,
              error.starts_with("needs the feature")
                  ? "install a newer owrd"
                  : "it is damaged, or owrd publish did not make it: ask the publisher for its "
                    "magnet link or .owr");
  }
}

TEST(Manifest, RefusesAnythingThatIsNotOneStrictMessage) {
  const auto good = testing::example_message().SerializeAsString();
  const std::pair<std::string, std::string> cases[] = {
      {"", "manifest: publisher id: expected 32 bytes"},
      {good.substr(0, good.size() - 1), "manifest: not in strict form: "},
      {good + good, "manifest: not in strict form: "},
      {good + std::string(1, '\0'), "manifest: not in strict form: "},
      {"not a protobuf message", "manifest: not in strict form: "},
  };
  for (const auto& [payload, error] : cases) {
    const auto manifest = Manifest::parse(as_bytes(payload));
    ASSERT_FALSE(manifest);
    EXPECT_TRUE(manifest.error().message.starts_with(error)) << manifest.error().message;
  }
}

TEST(Manifest, RefusesAPayloadOverTheLimitBeforeReadingIt) {
  const Bytes payload(9 * 1024 * 1024, std::byte{0x0a});

  const auto manifest = Manifest::parse(payload);

  ASSERT_FALSE(manifest);
  EXPECT_TRUE(manifest.error().message.starts_with("manifest: is longer than "));
}

TEST(Manifest, HoldsAtMost16384Files) {
  EXPECT_TRUE(make_manifest(uniform(16'383, 1, 16'384)));

  const auto manifest = make_manifest(uniform(16'384, 1, 16'384));

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().message, "manifest: lists 16385 files; at most 16384 are allowed");
}

TEST(Manifest, RefusesMorePiecesThanATorrentClientTakes) {
  EXPECT_TRUE(make_manifest(uniform(1, 30 * kGiB, 16'384)));

  const auto manifest = make_manifest(uniform(1, 32 * kGiB, 16'384));

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().message.find("; at most 2097152 are allowed"),
            manifest.error().message.size() - std::string("; at most 2097152 are allowed").size())
      << manifest.error().message;
}

TEST(Manifest, RefusesPaddingOfTwoGiB) {
  constexpr std::uint64_t kPiece = 16 * 1024 * 1024;
  EXPECT_TRUE(make_manifest(uniform(126, 1, kPiece)));

  const auto manifest = make_manifest(uniform(128, 1, kPiece));

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().message,
            "manifest: piece length 16777216: too large for so many files (the padding between "
            "them reaches 2 GiB)");
}

TEST(Manifest, AcceptsThePieceLengthThatOwrdChooses) {
  for (const int files : {1, 29, 100, 127, 255, 256, 1000, 4096, 16'383}) {
    for (const std::uint64_t length : {1ULL, 20'000'000ULL, 4'000'000'001ULL}) {
      const auto payload = static_cast<std::uint64_t>(files) * length;
      if (payload > 1'000'000'000'000) continue;
      const auto piece_length = choose_piece_length(payload, static_cast<std::uint64_t>(files));
      const auto manifest = make_manifest(uniform(files, length, piece_length));
      EXPECT_TRUE(manifest || manifest.error().message.find(" pieces;") != std::string::npos)
          << files << " files of " << length << ": " << manifest.error().message;
    }
  }
}

// A flipped bit in the payload never passes for the same release.
TEST(Manifest, IsAnotherReleaseAfterAnyFlippedBit) {
  const auto good = make_manifest(testing::example_message());
  ASSERT_TRUE(good);
  for (std::size_t bit = 0; bit < good->payload().size() * 8; ++bit) {
    auto payload = good->payload();
    payload[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto manifest = Manifest::parse(payload);
    EXPECT_TRUE(!manifest || manifest->release_id() != good->release_id()) << bit;
  }
}

}  // namespace
}  // namespace owrd::release
