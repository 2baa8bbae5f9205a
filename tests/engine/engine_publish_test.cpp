#include <set>

#include "tests/engine/engine_fixture.h"

namespace owrd::engine {
namespace {

class EnginePublishTest : public EngineTest {
 protected:
  EnginePublishTest() {
    // A safetensors file: the length of the header, the header, the tensor.
    const std::string header =
        R"({"w":{"dtype":"U8","shape":[1048600],"data_offsets":[0,1048600]}})";
    std::string weights(8, '\0');
    weights[0] = static_cast<char>(header.size());
    weights += header + content::noise(1'048'600);
    content::put(model_ / "model.safetensors", weights);
    content::put(model_ / "README.md", "# Atlas\n");
    content::put(model_ / "LICENSE", "Apache-2.0\n");
    content::put(model_ / ".git/HEAD", "ref: refs/heads/main\n");
  }

  PrepareRequest request(const std::string& version = "1.0") const {
    return PrepareRequest{model_, "acme", "atlas", version, "Apache-2.0", {}, false};
  }
  AskerPtr<Prepared> prepare(const PrepareRequest& request) {
    auto asker = std::make_unique<Asker<Prepared>>();
    asker->subscription = engine().prepare(request, asker->observer());
    EXPECT_TRUE(until([&] { return asker->done.has_value(); }));
    return asker;
  }
  AskerPtr<Committed> commit(const Bytes& envelope, bool copy = false) {
    auto asker = std::make_unique<Asker<Committed>>();
    asker->subscription = engine().commit({envelope, copy, false}, asker->observer());
    EXPECT_FALSE(asker->done) << "answered from within the call";
    EXPECT_TRUE(until([&] { return asker->done.has_value(); }));
    return asker;
  }
  /// Prepares, signs, commits; gives the envelope.
  Bytes publish() {
    const auto prepared = prepare(request());
    EXPECT_TRUE(prepared->is_ok()) << prepared->error().message;
    if (!prepared->is_ok()) return {};
    const auto envelope = acme_.sign((*prepared->done)->manifest);
    const auto committed = commit(envelope);
    EXPECT_TRUE(committed->is_ok()) << committed->error().message;
    return envelope;
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(model_))
      names.insert(entry.path().filename().string());
    return names;
  }

  const std::filesystem::path model_ = home_ / "model";
  const std::set<std::string> before_ = {".git", "LICENSE", "README.md", "model.safetensors"};
};

TEST_F(EnginePublishTest, AddsItsFilesToTheDirectoryAndSeedsFromThere) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok()) << prepared->error().message;
  EXPECT_FALSE((*prepared->done)->envelope);
  ASSERT_EQ((*prepared->done)->left_out.size(), 1U);
  EXPECT_EQ((*prepared->done)->left_out[0].path, ".git/");
  EXPECT_EQ(names(), before_) << "a review writes nothing";
  EXPECT_TRUE(swarm().torrents().empty());

  const auto envelope = acme_.sign((*prepared->done)->manifest);
  const auto committed = commit(envelope);
  ASSERT_TRUE(committed->is_ok()) << committed->error().message;
  auto after = before_;
  after.insert({"layers.owrd", "release.owrd", "tensors.owrd"});
  EXPECT_EQ(names(), after);
  EXPECT_EQ(as_bytes(content::content_of(model_ / "release.owrd")).size(), envelope.size());
  EXPECT_EQ(to_bytes(content::content_of(model_ / "release.owrd")), envelope);

  const auto believed = release::derive_torrent((*prepared->done)->manifest, envelope);
  EXPECT_EQ((*committed->done)->magnet.infohash, believed.infohash);
  EXPECT_EQ((*committed->done)->release.ref, "acme/atlas:1.0");
  ASSERT_NE(wait_for_torrent(/*upload_only=*/true), nullptr);
  EXPECT_EQ(torrent()->add.infohash(), believed.infohash.to_field());
  EXPECT_EQ(torrent()->add.directory(), model_.string());
  EXPECT_EQ(torrent()->have.size(), believed.piece_count);

  kill_and_restart();
  ASSERT_NE(wait_for_torrent(/*upload_only=*/true), nullptr);
  EXPECT_EQ(torrent()->have.size(), believed.piece_count);
}

TEST_F(EnginePublishTest, GivesTheSameEnvelopeForTheSameContent) {
  const auto envelope = publish();
  const auto again = prepare(request());
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  ASSERT_TRUE((*again->done)->envelope);
  EXPECT_EQ(*(*again->done)->envelope, envelope);
  const auto committed = commit(envelope);
  EXPECT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_EQ(store().releases()->size(), 1U);
}

TEST_F(EnginePublishTest, RefusesOtherContentUnderTheSameVersion) {
  publish();
  content::put(model_ / "README.md", "# Atlas, improved\n");
  const auto again = prepare(request());
  EXPECT_EQ(again->error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(again->error().message, "atlas:1.0 is published already, with other content");
}

TEST_F(EnginePublishTest, RefusesANewVersionOverASeededDirectory) {
  publish();
  const auto again = prepare(request("2.0"));
  EXPECT_EQ(again->error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(again->error().message, model_.string() + " is the seeded copy of acme/atlas:1.0");
  EXPECT_TRUE(again->hashed.empty()) << "said before anything is read";
}

TEST_F(EnginePublishTest, KnowsASeededDirectoryByAnyName) {
  publish();
  std::filesystem::create_directory_symlink(model_, home_ / "link");
  auto other = request("2.0");
  other.directory = home_ / "link";
  EXPECT_EQ(prepare(other)->error().code, ErrorCode::AlreadyExists);
}

TEST_F(EnginePublishTest, CommitsOneReleaseOfADirectoryAtATime) {
  const auto first = prepare(request("1.0"));
  const auto second = prepare(request("1.1"));
  ASSERT_TRUE(first->is_ok() && second->is_ok());
  const auto envelope = acme_.sign((*first->done)->manifest);
  Asker<Committed> committed;
  committed.subscription = engine().commit({envelope, false, false}, committed.observer());
  const auto refused = commit(acme_.sign((*second->done)->manifest));
  EXPECT_EQ(refused->error().code, ErrorCode::Busy);
  ASSERT_TRUE(until([&] { return committed.done.has_value(); }));
  ASSERT_TRUE(committed.is_ok()) << committed.error().message;
  EXPECT_EQ(to_bytes(content::content_of(model_ / "release.owrd")), envelope);
  EXPECT_EQ(commit(acme_.sign((*second->done)->manifest))->error().code, ErrorCode::AlreadyExists);
}

TEST_F(EnginePublishTest, WritesNothingForAVersionThatWasTakenMeanwhile) {
  const auto late = prepare(request());
  ASSERT_TRUE(late->is_ok());
  const auto other = home_ / "other";
  std::filesystem::copy(model_, other, std::filesystem::copy_options::recursive);
  content::put(other / "README.md", "# Something else\n");
  auto early = request();
  early.directory = other;
  const auto prepared = prepare(early);
  ASSERT_TRUE(prepared->is_ok());
  ASSERT_TRUE(commit(acme_.sign((*prepared->done)->manifest))->is_ok());

  const auto refused = commit(acme_.sign((*late->done)->manifest));
  EXPECT_EQ(refused->error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(refused->error().message, "acme/atlas:1.0 is published already, with other content");
  EXPECT_EQ(names(), before_);
}

TEST_F(EnginePublishTest, WarnsBeforeItReplacesAnotherReleasesProof) {
  release_.write(model_, "release.owrd");
  const auto same_model = prepare(request("2.0"));
  ASSERT_TRUE(same_model->is_ok());
  EXPECT_TRUE((*same_model->done)->warnings.empty()) << (*same_model->done)->warnings[0];

  auto other_model = request();
  other_model.model = "titan";
  const auto other = prepare(other_model);
  ASSERT_TRUE(other->is_ok());
  ASSERT_EQ((*other->done)->warnings.size(), 1U);
  EXPECT_NE((*other->done)->warnings[0].find("atlas:1.0.0"), std::string::npos);

  content::put(model_ / "release.owrd", "garbage");
  const auto garbage = prepare(request());
  ASSERT_TRUE(garbage->is_ok());
  EXPECT_EQ((*garbage->done)->warnings.size(), 1U);

  std::filesystem::remove(model_ / "release.owrd");
  std::filesystem::create_directory(model_ / "release.owrd");
  EXPECT_EQ(prepare(request())->error().code, ErrorCode::InvalidInput);
}

TEST_F(EnginePublishTest, PublishesAgainWhatWasJustRemoved) {
  publish();
  ASSERT_NE(wait_for_torrent(/*upload_only=*/true), nullptr);
  const auto again = prepare(request());
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  ASSERT_TRUE(
      engine().remove(*parse_ref("acme/atlas:1.0"), /*keep_files=*/true, /*dry_run=*/false));
  const auto committed = commit(*(*again->done)->envelope);
  EXPECT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_NE(wait_for_torrent(/*upload_only=*/true), nullptr);
}

TEST_F(EnginePublishTest, CopiesAfreshAfterAnInterruptedCopy) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  const auto envelope = acme_.sign((*prepared->done)->manifest);
  const auto models = home_ / "store/releases" / acme_.id.to_hex().substr(0, 16) / "atlas";
  const auto id = (*prepared->done)->manifest.release_id().to_hex();
  content::put(models / (".copying-" + id) / "model.safetensors", "half");
  const auto committed = commit(envelope, /*copy=*/true);
  ASSERT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_TRUE(std::filesystem::exists(models / "1.0/model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(models / (".copying-" + id)));
}

TEST_F(EnginePublishTest, ReplacesACopyWhoseCommitWasKilledAndNothingElse) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  const auto envelope = acme_.sign((*prepared->done)->manifest);
  const auto place = home_ / "store/releases" / acme_.id.to_hex().substr(0, 16) / "atlas/1.0";
  std::filesystem::create_directories(place);
  std::filesystem::copy(model_, place, std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(place / ".git");
  content::put(place / "notes.txt", "somebody's");
  EXPECT_EQ(commit(envelope, /*copy=*/true)->error().code, ErrorCode::AlreadyExists);
  EXPECT_TRUE(std::filesystem::exists(place / "notes.txt"));

  std::filesystem::remove(place / "notes.txt");
  content::put(place / "release.owrd", "of the commit that was killed");
  const auto committed = commit(envelope, /*copy=*/true);
  ASSERT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_EQ(to_bytes(content::content_of(place / "release.owrd")), envelope);
}

TEST_F(EnginePublishTest, ClearsUpAfterACrashButTouchesNoRelease) {
  const auto models = home_ / "store/releases/0123456789abcdef/atlas";
  content::put(models / ".copying-0123/model.safetensors", "half");
  content::put(models / "1.0/model.safetensors", "somebody's");
  content::put(home_ / "store/trash/0123/model.safetensors", "removed");
  content::put(home_ / "store/resolving/0123/release.owrd", "half");
  kill_and_restart();
  EXPECT_TRUE(until([&] {
    return !std::filesystem::exists(models / ".copying-0123") &&
           !std::filesystem::exists(home_ / "store/trash/0123") &&
           !std::filesystem::exists(home_ / "store/resolving/0123");
  }));
  EXPECT_TRUE(std::filesystem::exists(models / "1.0/model.safetensors"));
  EXPECT_TRUE(has_logged("holds files of no release that is known here"));
}

TEST_F(EnginePublishTest, RefusesAFileThatChangedBeforeTheCommit) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  content::put(model_ / "README.md", "# Something else\n");
  const auto envelope = acme_.sign((*prepared->done)->manifest);
  const auto changed = commit(envelope);
  EXPECT_EQ(changed->error().code, ErrorCode::Corrupt);
  EXPECT_EQ(changed->error().message,
            (model_ / "README.md").string() + " was changed since it was hashed");
  std::filesystem::remove(model_ / "README.md");
  const auto vanished = commit(envelope);
  EXPECT_EQ(vanished->error().message,
            (model_ / "README.md").string() + " has vanished since it was hashed");
  EXPECT_FALSE(std::filesystem::exists(model_ / "release.owrd"));
  EXPECT_TRUE(store().releases()->empty());
}

TEST_F(EnginePublishTest, CopiesToTheStoreAndLeavesTheDirectoryAlone) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  const auto committed = commit(acme_.sign((*prepared->done)->manifest), /*copy=*/true);
  ASSERT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_EQ(names(), before_);
  const auto& directory = (*committed->done)->release.directory;
  EXPECT_EQ(directory.string().rfind((home_ / "store").string(), 0), 0U);
  EXPECT_EQ(content::content_of(directory / "model.safetensors"),
            content::content_of(model_ / "model.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(directory / "release.owrd"));
  EXPECT_FALSE(std::filesystem::exists(directory / ".git"));
  std::filesystem::remove_all(model_);
  pass(std::chrono::seconds(4));
  EXPECT_EQ(engine().releases().at(0).state, State::Seeding);
}

TEST_F(EnginePublishTest, TakesUpAnInterruptedCommit) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  const auto envelope = acme_.sign((*prepared->done)->manifest);
  content::put(model_ / "release.owrd", std::string(as_text(envelope)));
  kill_and_restart();
  clock_.advance(std::chrono::hours(1));

  const auto again = prepare(request());
  ASSERT_TRUE(again->is_ok()) << again->error().message;
  ASSERT_TRUE((*again->done)->envelope) << "what was signed then is signed";
  EXPECT_EQ(*(*again->done)->envelope, envelope);
  const auto committed = commit(envelope);
  ASSERT_TRUE(committed->is_ok()) << committed->error().message;
  EXPECT_TRUE(std::filesystem::exists(model_ / "layers.owrd"));
}

TEST_F(EnginePublishTest, RefusesAnEnvelopeThatIsNotOfThePreparedManifest) {
  const auto prepared = prepare(request());
  ASSERT_TRUE(prepared->is_ok());
  const auto unknown = commit(release_.proof);
  EXPECT_EQ(unknown->error().code, ErrorCode::NotFound);
  EXPECT_EQ(unknown->error().hint, "run owrd publish again");
  const auto mallory = make_publisher("mallory", 2);
  const auto forged = commit(mallory.sign((*prepared->done)->manifest));
  EXPECT_EQ(code_name(forged->error()), code_name({ErrorCode::Untrusted, ""}));
  const auto garbage = commit(to_bytes("garbage"));
  EXPECT_FALSE(garbage->is_ok());
  EXPECT_EQ(names(), before_);
}

TEST_F(EnginePublishTest, RefusesWhatCannotBeAReleasesName) {
  struct Case {
    std::function<void(PrepareRequest&)> change;
    ErrorCode code;
    std::string says;
  };
  const Case cases[] = {
      {[](auto& r) { r.publisher = "initech"; }, ErrorCode::NotFound,
       "no publisher \"initech\" is pinned here"},
      {[](auto& r) { r.model = "a/b"; }, ErrorCode::InvalidInput, "invalid model name \"a/b\""},
      {[](auto& r) { r.version = "latest"; }, ErrorCode::InvalidInput, "version \"latest\""},
      {[](auto& r) { r.license = "Apache2"; }, ErrorCode::InvalidInput, "Apache"},
      {[](auto& r) { r.trackers = {"gopher://x"}; }, ErrorCode::InvalidInput, "gopher://x"},
      {[](auto& r) { r.directory /= "nowhere"; }, ErrorCode::NotFound, "nowhere"}};
  for (const auto& [change, code, says] : cases) {
    SCOPED_TRACE(says);
    auto wrong = request();
    change(wrong);
    const auto asker = prepare(wrong);
    EXPECT_EQ(code_name(asker->error()), code_name({code, ""}));
    EXPECT_NE(asker->error().message.find(says), std::string::npos) << asker->error().message;
  }
}

}  // namespace
}  // namespace owrd::engine
