// What an attacker can do with releases and their files: rows T1, T3, T12, T14, B13 and B14.

#include "daemon/content/scan.h"
#include "daemon/release/bundle.h"
#include "daemon/weights/format.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

using namespace std::chrono_literals;

// T1. One bit is wrong, in each file in turn: it gets no name, and the get does not succeed.
TEST_F(Attack, T1ArbitraryInstallation) {
  for (const std::string path :
       {"LICENSE", "layers.owrd", "model.safetensors", "tokenizer/vocab.txt"}) {
    SCOPED_TRACE(path);
    const auto release = make("1.0." + std::to_string(torrents_ever().size()));
    auto request = by_owr(release);
    request.directory = home_ / release.manifest.version();
    request.timeout = 30s;
    const auto asker = get(request);
    std::uint64_t poisoned = 0;  // The torrent that got the bad bytes.
    const auto current = [&] {
      const auto* torrent = swarm().find_by_infohash(release.torrent.infohash.to_field());
      return torrent && !torrent->upload_only ? torrent : nullptr;
    };
    const auto move = [&] {
      if (!current()) return;
      const auto add = current()->add;
      const auto wanted = current()->wanted_files;
      for (const auto index : wanted) {
        const auto& file = release.torrent.files[index];
        const bool is_bad = file.path == path;
        if (is_bad && poisoned != 0) continue;
        if (is_bad) poisoned = add.id();
        const auto& bytes = release.bytes(file.path);
        content::put(std::filesystem::path(add.directory()) / file.path,
                     std::string(as_text(is_bad ? flipped(bytes) : bytes)));
        swarm().arrive(add.id(), release.pieces(file.path));
      }
    };
    ASSERT_TRUE(until([&] {
      move();
      return poisoned != 0 && current() && current()->add.id() != poisoned;
    })) << "it is asked for again";
    EXPECT_EQ(current()->wanted_files,
              std::set<std::uint32_t>{static_cast<std::uint32_t>(*release.torrent.find(path))});
    EXPECT_FALSE(asker->done);
    EXPECT_FALSE(std::filesystem::exists(request.directory / path));

    // Nobody sends it otherwise.
    clock_.advance(31s);
    ASSERT_TRUE(until([&] { return asker->done.has_value(); }));
    EXPECT_TRUE(says(asker->error(), ErrorCode::NoSources, "nothing came for 30s"));
    EXPECT_FALSE(std::filesystem::exists(request.directory / path));

    // Else the next one would find the same files here.
    const auto ref = *parse_ref("lab/atlas:" + release.manifest.version());
    ASSERT_TRUE(engine().remove(ref, /*keep_files=*/false, /*dry_run=*/false));
    ASSERT_TRUE(until([&] { return swarm().torrents().empty(); }));
  }
}

// T3. What a release says it is derived from is read by people: nothing is fetched by it.
TEST_F(Attack, T3ExtraneousDependencies) {
  const auto base = make("0.9.0", [](v1::Manifest& manifest) { manifest.set_model("evil-base"); });
  const auto derived = make("1.0.0", [&](v1::Manifest& manifest) {
    auto& parent = *manifest.add_derived_from();
    parent.set_relation(v1::RELATION_FINETUNE);
    parent.set_release_id(base.manifest.release_id().to_field());
  });
  list(base);
  list(derived);
  seed_release(base);
  seed_release(derived);
  const auto head = lab_.announce();
  follow(head);

  const auto asker = finish(by_name("lab/atlas:1.0.0"));

  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  EXPECT_TRUE(derived.is_at(to_)) << "every file, and nothing else";
  EXPECT_EQ(torrents_ever(), (std::set<std::string>{head.head.infohash().to_field(),
                                                    derived.torrent.infohash.to_field()}));
  ASSERT_EQ(engine().releases().size(), 1U);
  EXPECT_EQ(engine().releases()[0].ref, "lab/atlas:1.0.0");
}

// T12. Another publisher has a model of the same name.
TEST_F(Attack, T12WrongSoftware) {
  const auto atlas = make("1.0.0");
  list(atlas);
  const auto head = lab_.announce();
  follow(head);
  ASSERT_EQ(engine().registry().complete(*parse_name("atlas"))->publisher, "lab");

  release::MadeFeed lob("lob", 100);
  const auto theirs = engine::make_release({lob.key(11), lob.roots.front(), lob.id()});
  lob.list("atlas", "9.0.0", 1);
  const auto their_head = lob.announce();
  v1::Bundle pin;
  pin.add_roots(std::string(as_text(lob.roots.front())));
  pin.set_head(std::string(as_text(their_head.head.envelope().raw)));
  pin.set_feed(std::string(as_text(their_head.feed)));
  ASSERT_TRUE(engine().registry().add_publisher(release::encode_bundle(pin), "", false));

  engine::GetRequest bare;
  bare.ref = *parse_name("atlas");
  bare.directory = to_;
  EXPECT_TRUE(says(finish(bare)->error(), ErrorCode::InvalidInput,
                   "\"atlas\" could be any of lab/atlas, lob/atlas"));

  // The lab's feed lists what the lob has signed, and the digest is right: it still is not the
  // lab's.
  auto record = release::MadeFeed::listing("atlas", "2.0.0", 1);
  record.mutable_release()->set_release_id(theirs.manifest.release_id().to_field());
  record.mutable_release()->set_infohash(theirs.torrent.infohash.to_field());
  lab_.append(record);
  seed_release(theirs);
  follow(lab_.announce());
  EXPECT_TRUE(says(finish(by_name("lab/atlas:2.0.0"))->error(), ErrorCode::BadSignature,
                   "lab lists lab/atlas:2.0.0, but what was signed is lob/atlas:1.0.0"));

  // Nor may the lob sign in the lab's name.
  const auto forged = engine::make_forged_release({lab_.key(11), lab_.roots.front(), lab_.id()},
                                                  {lob.key(11), lob.roots.front(), lob.id()});
  EXPECT_TRUE(says(finish(by_owr(forged))->error(), ErrorCode::Untrusted,
                   "signed by a key that the root of lab does not list for releases"));
  EXPECT_FALSE(std::filesystem::exists(to_));
}

// T14. The same version under another licence is another release: nobody takes it for the first.
TEST_F(Attack, T14LicenceSwap) {
  const auto open = make("1.0.0");
  list(open);
  follow(lab_.announce());
  const auto closed = make("1.0.0", [](v1::Manifest& manifest) {
    manifest.mutable_license()->set_spdx_expression("LicenseRef-Proprietary");
  });

  EXPECT_TRUE(says(finish(by_owr(closed))->error(), ErrorCode::BadSignature,
                   "the publisher signed another release as lab/atlas:1.0.0 than its feed lists"));
  ASSERT_EQ(evidence().size(), 1U);
  EXPECT_EQ(evidence()[0].kind, "two releases of one version");
  EXPECT_EQ(evidence()[0].second, closed.proof);
  EXPECT_FALSE(std::filesystem::exists(to_));

  // Nor can the feed change its mind.
  auto record = release::MadeFeed::listing("atlas", "1.0.0", 2);
  EXPECT_TRUE(refuses(lab_.feed->append(record, lab_.now), ErrorCode::AlreadyExists,
                      "\"atlas:1.0.0\" is listed already: a version is written once"));

  // The text of the licence is a file like any other: one word changed, and it is not that file.
  seed_release(open);
  const auto asker = finish(by_owr(open));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  content::put(to_ / "LICENSE", std::string(open.bytes("LICENSE").size(), 'x'));
  const auto checked = verify({*parse_ref("lab/atlas:1.0.0"), {}});
  ASSERT_TRUE(until([&] { return checked->done.has_value(); }));
  ASSERT_TRUE(checked->is_ok()) << checked->error().message;
  for (const auto& file : (*checked->done)->files)
    EXPECT_EQ(file.is_ok, file.path != "LICENSE") << file.path;
}

// B13. The store says that all pieces are there, and the disk holds something else.
TEST_F(Attack, B13ResumeLies) {
  complete(EngineTest::by_bundle(release_, to_));
  ASSERT_TRUE(serves(release_.all_pieces()));
  const auto poisoned = as_text(flipped(release_.bytes("model.safetensors")));
  content::put(to_ / "model.safetensors", std::string(poisoned));
  restart();

  ASSERT_TRUE(until([&] {
    clock_.advance(1s);
    return !view().damaged_files.empty();
  }));
  EXPECT_EQ(view().damaged_files, std::vector<std::string>{"model.safetensors"});
  ASSERT_TRUE(until([&] {
    const auto* torrent = swarm().find_by_infohash(release_.torrent.infohash.to_field());
    return !torrent || !torrent->have.count(release_.pieces("model.safetensors")[0]);
  })) << "what is not verified any more is not served";
  const auto repaired = verify(by_ref(), /*repair=*/true);
  ASSERT_TRUE(until_given(release_, [&] { return repaired->done.has_value(); }));
  ASSERT_TRUE(repaired->is_ok()) << repaired->error().message;
  EXPECT_TRUE(release_.is_at(to_));
}

// B14. A pointer is no weights, and is refused by name when it is published. What runs code when it
// is opened is told from what does not, by its bytes and whatever its name; owrd opens neither.
TEST_F(Attack, B14HostileFiles) {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\n"
      "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
      "size 12345\n";
  const std::string bare_pickle("\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00}\x94.", 14);
  using weights::Format;
  const auto format = [](const std::string& name, const std::string& bytes) {
    return weights::recognise(name, as_bytes(bytes).first(std::min(bytes.size(), std::size_t{64})),
                              bytes.size());
  };
  EXPECT_EQ(format("model.safetensors", pointer), Format::LfsPointer);
  EXPECT_EQ(format("pytorch_model.bin", bare_pickle), Format::Pickle);
  EXPECT_EQ(format("model.safetensors", bare_pickle), Format::NotWeights)
      << "the bytes are believed, not the name";
  EXPECT_EQ(format("modeling_atlas.py", "import os\nos.system('id')\n"), Format::NotWeights);

  const auto directory = home_ / "model";
  content::put(directory / "model.safetensors", pointer);
  EXPECT_TRUE(refuses(content::scan_directory(directory), ErrorCode::InvalidInput,
                      "model.safetensors is a Git LFS pointer, not the file that it stands for"));
  content::put(directory / "model.safetensors", "<html>not found</html>");
  const auto scan = content::scan_directory(directory);
  ASSERT_TRUE(scan && scan->without_weights);
  EXPECT_NE(scan->without_weights->message.find(
                "model.safetensors is named like weights, but its content is not"),
            std::string::npos);

  // os.system("id"), which is looked at and never run: nothing of the release is handed over.
  const auto hostile = engine::make_release_of(
      acme_, {release::testing::weights_file("model.safetensors", 70'000),
              {"extra.pkl", to_bytes(std::string("cos\nsystem\n(S'id'\ntR."))}});
  const auto asker = get(by_bundle(hostile, to_));
  ASSERT_TRUE(until_given(hostile, [&] { return asker->done.has_value(); }));
  EXPECT_EQ(engine::code_name(asker->error()), engine::code_name({ErrorCode::Unsafe, ""}));
  EXPECT_NE(asker->error().message.find("pickle.dangerous"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(to_ / "extra.pkl"));
}

}  // namespace
}  // namespace owrd::conformance
