// What an attacker can do with torrents, their names and their sizes: rows B1 to B7 and B11.

#include "daemon/content/scan.h"
#include "daemon/release/layers.h"
#include "daemon/release/path_rules.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// B1. The worker says that a piece has passed, and its bytes are bad: owrd hashes for itself, and
// asks for that piece again and no other.
TEST_F(Attack, B1PiecePoisoning) {
  const auto asker = get(EngineTest::by_bundle(release_, to_));
  const auto fetches_weights = [&]() -> const swarm::FakeSwarm::Torrent* {
    const auto index = static_cast<std::uint32_t>(*release_.torrent.find("model.safetensors"));
    const auto* torrent = swarm().find_by_infohash(release_.torrent.infohash.to_field());
    return torrent && torrent->wanted_files.count(index) != 0 ? torrent : nullptr;
  };
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  give_files(release_, {"layers.owrd"});
  ASSERT_TRUE(until([&] { return fetches_weights() != nullptr; }));
  give_files(release_, {"LICENSE", "tokenizer/vocab.txt"});
  const auto add = fetches_weights()->add;
  auto poisoned = std::string(as_text(release_.bytes("model.safetensors")));
  poisoned[70'000] ^= 1;
  content::put(std::filesystem::path(add.directory()) / "model.safetensors", poisoned);
  swarm().arrive(add.id(), release_.pieces("model.safetensors"));

  ASSERT_TRUE(until([&] { return fetches_weights() && fetches_weights()->add.id() != add.id(); }));
  EXPECT_TRUE(has_logged("model.safetensors: 1 of 4 pieces bad"));
  const auto pieces = release_.pieces("model.safetensors");
  const auto have = swarm::parse_bitmap(fetches_weights()->add.have());
  EXPECT_EQ(have.count(pieces[1]), 0U);
  EXPECT_EQ(have.count(pieces[0]) + have.count(pieces[2]) + have.count(pieces[3]), 3U);
  EXPECT_FALSE(std::filesystem::exists(to_ / "model.safetensors"));
  EXPECT_FALSE(asker->done);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(asker->is_ok());
  EXPECT_TRUE(release_.is_at(to_));
}

// B2. A link whose torrent shows a true release.owrd beside files that it does not sign.
TEST_F(Attack, B2InfohashBait) {
  auto told = release_.metadata();
  told.mutable_files(3)->set_root(std::string(32, 'x'));
  const auto bait = trust::digest_of(0xba);
  engine::GetRequest request;
  request.magnet = release::Magnet{bait, "", {}, {}};
  request.directory = to_;
  struct Case {
    v1::SwarmMetadata told;
    std::string says;
  };
  for (const auto& [metadata, text] :
       {Case{told, "the torrent's list of files differs from the one that acme signed"},
        Case{release_.metadata(),
             "the torrent's infohash is not the one that follows from the signed manifest"}}) {
    SCOPED_TRACE(text);
    const auto asker = get(request);
    ASSERT_TRUE(until([&] {
      const auto* torrent = swarm().find_by_infohash(bait.to_field());
      if (torrent && torrent->add.info().empty()) {
        swarm().find_metadata(torrent->add.id(), metadata);
      } else if (torrent) {
        EXPECT_EQ(torrent->wanted_files, std::set<std::uint32_t>{4}) << "release.owrd alone";
        release_.write(torrent->add.directory(), "release.owrd");
        swarm().arrive(torrent->add.id(), release_.pieces("release.owrd"));
      }
      return asker->done.has_value();
    }));
    EXPECT_TRUE(says(asker->error(), ErrorCode::BadSignature, text));
    EXPECT_FALSE(std::filesystem::exists(to_));
    EXPECT_TRUE(engine().releases().empty());
  }
}

// B3. Piece layers are the release's own, in layers.owrd, and each must fold to the root that the
// manifest signs. Nothing else is ever given to libtorrent as a layer.
TEST_F(Attack, B3PieceLayers) {
  const auto& layers = release_.bytes("layers.owrd");
  ASSERT_TRUE(release::parse_layers(layers, release_.manifest));
  const auto with = [&](const std::function<void(Bytes&)>& change) {
    auto bytes = layers;
    change(bytes);
    return release::parse_layers(bytes, release_.manifest);
  };
  EXPECT_TRUE(refuses(with([](Bytes& bytes) { bytes[5] ^= std::byte{1}; }), ErrorCode::Corrupt,
                      "the layer of \"model.safetensors\" does not fold to its root"));
  EXPECT_TRUE(refuses(with([](Bytes& bytes) { bytes.resize(bytes.size() - 32); }),
                      ErrorCode::Corrupt, "has 160 bytes where the manifest needs 192"));
  EXPECT_TRUE(refuses(with([](Bytes& bytes) { bytes.resize(bytes.size() + 32); }),
                      ErrorCode::Corrupt, "has 224 bytes where the manifest needs 192"));
  EXPECT_TRUE(refuses(with([](Bytes& bytes) { bytes.clear(); }), ErrorCode::Corrupt,
                      "has 0 bytes where the manifest needs 192"));

  const auto asker = get(EngineTest::by_bundle(release_, to_));
  ASSERT_NE(wait_for_torrent(/*upload_only=*/false), nullptr);
  const auto first = torrent()->add;
  content::put(std::filesystem::path(first.directory()) / "layers.owrd",
               std::string(as_text(flipped(layers))));
  swarm().arrive(first.id(), release_.pieces("layers.owrd"));
  ASSERT_TRUE(until([&] { return torrent() && torrent()->add.id() != first.id(); }));
  for (const auto& command : swarm().commands()) EXPECT_EQ(command.add().layers_size(), 0);
}

// B4. A path that leads anywhere else is refused, and never made into a better one.
TEST_F(Attack, B4PathTraversal) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "is empty"},
      {"/", "is absolute"},
      {"/etc/passwd", "is absolute"},
      {"//host/share", "is absolute"},
      {"a//b", "has an empty element"},
      {"a/", "has an empty element"},
      {"a/b//", "has an empty element"},
      {".", "has the element \".\""},
      {"./a", "has the element \".\""},
      {"a/./b", "has the element \".\""},
      {"a/.", "has the element \".\""},
      {"..", "has the element \"..\""},
      {"../a", "has the element \"..\""},
      {"../../etc/passwd", "has the element \"..\""},
      {"a/../b", "has the element \"..\""},
      {"a/..", "has the element \"..\""},
      {"a/../../b", "has the element \"..\""},
      {".. /a", "ends in a dot or a space"},
      {"...", "ends in a dot or a space"},
      {"a/.../b", "ends in a dot or a space"},
      {std::string("a\0b", 3), "holds a control character"},
      {std::string("\0", 1), "holds a control character"},
      {std::string("../\0a", 5), "holds a control character"},
      {"a\nb", "holds a control character"},
      {"\x1b]0;title\x07", "holds a control character"},
      {"..\\a", "holds the character \\"},
      {"a\\..\\b", "holds the character \\"},
      {"C:", "holds the character :"},
      {"C:\\Windows", "holds the character :"},
      {"file.txt:stream", "holds the character :"},
      {"\xc0\xae\xc0\xae/a", "is not valid UTF-8"},
      {"\xc0\xaf", "is not valid UTF-8"},
      {"\xe0\x80\xaf", "is not valid UTF-8"},
      {"a\xff", "is not valid UTF-8"}};
  for (const auto& [path, fault] : cases) {
    SCOPED_TRACE(path);
    EXPECT_TRUE(refuses(release::check_path(path), ErrorCode::InvalidInput, fault));
  }
  auto message = release_.manifest.message();
  message.mutable_files(0)->set_path("../LICENSE");
  EXPECT_TRUE(refuses(release::make_manifest(message), ErrorCode::InvalidInput,
                      "manifest: file \"../LICENSE\": has the element \"..\""));

  // Metadata from strangers: the whole torrent is refused, and nothing is written by its names.
  auto told = release_.metadata();
  told.mutable_files(0)->set_path("../../escaped");
  const auto asker = get(EngineTest::by_magnet(release_, to_));
  ASSERT_TRUE(until([&] {
    if (torrent() && torrent()->add.info().empty())
      swarm().find_metadata(torrent()->add.id(), told);
    return asker->done.has_value();
  }));
  EXPECT_TRUE(says(asker->error(), ErrorCode::Corrupt, "has the element \"..\""));
  for (const auto& command : swarm().commands()) EXPECT_EQ(command.add().paths_size(), 0);
}

// B5. Neither a link in what is published nor one that lies in wait is followed.
TEST_F(Attack, B5Symlinks) {
  const auto published = home_ / "published";
  content::put(published / "model.safetensors", "weights");
  content::put(home_ / "secret", "secret");
  std::filesystem::create_symlink(home_ / "secret", published / "notes.txt");
  EXPECT_TRUE(
      refuses(content::scan_directory(published), ErrorCode::InvalidInput, "is a symbolic link"));

  // Planted where a file is to come, and where files are staged.
  const auto victim = home_ / "victim";
  content::put(victim / "model.safetensors", "mine");
  release_.write(to_, "release.owrd");
  std::filesystem::create_symlink(victim / "model.safetensors", to_ / "model.safetensors");
  std::filesystem::create_directory_symlink(victim, to_ / "tokenizer");
  const auto asker = get(EngineTest::by_bundle(release_, to_));
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  EXPECT_TRUE(says(asker->error(), ErrorCode::AlreadyExists, "model.safetensors is already there"));
  EXPECT_EQ(content::content_of(victim / "model.safetensors"), "mine");
  EXPECT_FALSE(std::filesystem::exists(victim / "vocab.txt"));

  const auto staged = home_ / "staged";
  std::filesystem::create_directories(staged);
  std::filesystem::create_directory_symlink(victim, staged / ".owrd-partial");
  const auto second = get(EngineTest::by_bundle(
      make_release(acme_, [](v1::Manifest& manifest) { manifest.set_version("2.0.0"); }), staged));
  ASSERT_TRUE(until([&] { return second->done.has_value(); }));
  EXPECT_TRUE(says(second->error(), ErrorCode::AlreadyExists, "holds other files"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(victim), {}), 1);
}

// B6. Two names that a person, or another file system, takes for one.
TEST_F(Attack, B6DeceptiveNames) {
  using Paths = std::vector<std::string>;
  const std::pair<Paths, std::string> sets[] = {
      {{"a", "a"}, "twice"},
      {{"a", "a/b"}, "is a directory and a file"},
      {{"Model.bin", "model.bin"}, "only by letter case"},
      {{"a/X", "A/Y"}, "only by letter case"},
      {{"stra\xc3\x9f\x65", "STRASSE"}, "only by letter case"},
      {{"\xe2\x84\xaa", "k"}, ""}};  // KELVIN SIGN
  for (const auto& [paths, text] : sets) {
    SCOPED_TRACE(paths[0] + ", " + paths[1]);
    EXPECT_TRUE(refuses(release::check_paths(paths), ErrorCode::InvalidInput, text));
  }
  const std::pair<std::string, std::string> names[] = {
      {"e\xcc\x81", "is not in the Unicode normal form NFC"},
      {"a\xe2\x80\xae"
       "fdp.exe",
       "holds an invisible formatting character"},
      {"a\xe2\x80\x8b"
       "b",
       "holds an invisible formatting character"},
      {"a\xc2\xa0"
       "b",
       "holds a space other than the plain one"},
      {"\xee\x80\x80", "holds a private-use character"},
      {"CON", "a device name on Windows"},
      {"nul.txt", "a device name on Windows"},
      {"com1/weights", "a device name on Windows"},
      {"weights. ", "ends in a dot or a space"},
      {"a?", "holds the character ?"}};
  for (const auto& [path, fault] : names)
    EXPECT_TRUE(refuses(release::check_path(path), ErrorCode::InvalidInput, fault)) << path;
}

// B7. Sizes that nobody can hold are refused while they are numbers.
TEST_F(Attack, B7BombSizes) {
  struct Case {
    std::function<void(v1::Manifest&)> change;
    std::string says;
  };
  const auto add_file = [](v1::Manifest& message, const std::string& path, std::uint64_t length) {
    auto& file = *message.add_files();
    file.set_path(path);
    file.set_length(length);
    if (length != 0) file.set_pieces_root(std::string(32, 'r'));
    file.set_sha256(std::string(32, 's'));
    file.set_role(v1::FILE_ROLE_WEIGHTS);
  };
  const Case cases[] = {
      {[&](v1::Manifest& message) { message.mutable_files(3)->set_length(std::uint64_t{1} << 60); },
       "is larger than 64 TiB"},
      {[&](v1::Manifest& message) {
         add_file(message, "u", std::uint64_t{40} << 40);
         add_file(message, "v", std::uint64_t{40} << 40);
       },
       "the files are larger than 64 TiB together"},
      {[&](v1::Manifest& message) { add_file(message, "u", std::uint64_t{1} << 40); },
       "pieces; at most 2097152 are allowed"},
      {[&](v1::Manifest& message) {
         for (int i = 0; i < 16'384; ++i) add_file(message, "u" + std::to_string(100'000 + i), 1);
       },
       "files; at most 16384 are allowed"},
      {[&](v1::Manifest& message) { add_file(message, repeat("u/", 8) + "v", 1); },
       "has more than 8 elements"},
      {[&](v1::Manifest& message) { add_file(message, std::string(256, 'u'), 1); },
       "has an element of more than 255 bytes"},
      {[&](v1::Manifest& message) { message.set_piece_length(std::uint64_t{1} << 40); },
       "expected a power of two from 16 KiB to 128 MiB"}};
  for (const auto& [change, text] : cases) {
    auto message = release_.manifest.message();
    change(message);
    EXPECT_TRUE(refuses(release::make_manifest(message), ErrorCode::InvalidInput, text));
  }

  // And what keeps the rules must still fit on the disk, before anybody is asked for it.
  auto settings = settings_;
  settings.reserve_free_bytes = std::uint64_t{1} << 62;
  restart_with(settings);
  const auto asker = finish(EngineTest::by_bundle(release_, to_));
  EXPECT_TRUE(says(asker->error(), ErrorCode::NoSpace, "need "));
  EXPECT_FALSE(std::filesystem::exists(to_));
  EXPECT_TRUE(torrents_ever().empty());
}

// B11. A link to a v1 torrent could crash libtorrent 2.0.8, and proves nothing: it is refused by
// name, alone or beside a v2 one.
TEST_F(Attack, B11V1Magnet) {
  const std::string v1 = "urn:btih:0123456789abcdef0123456789abcdef01234567";
  const auto v2 = "urn:btmh:1220" + release_.torrent.infohash.to_hex();
  for (const auto& link : {"magnet:?xt=" + v1, "magnet:?xt=" + v2 + "&xt=" + v1,
                           "magnet:?xt=" + v1 + "&xt=" + v2, "magnet:?xt.1=" + v2 + "&xt.2=" + v1})
    EXPECT_TRUE(refuses(release::parse_magnet(link), ErrorCode::InvalidInput, "v1")) << link;
  EXPECT_TRUE(release::parse_magnet("magnet:?xt=" + v2));
}

}  // namespace
}  // namespace owrd::conformance
