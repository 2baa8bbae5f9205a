#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/key_names.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/root_plan.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {

/// A publisher "acme" with real roots, which the fake daemon shows, and a keyring with some of its
/// keys.
class PublisherTest : public CliTest {
 protected:
  PublisherTest() { start_daemon(); }

  Keyring keyring() const { return Keyring(home / "config" / "owrd" / "keys"); }

  /// A new key of the keyring.
  trust::SecretKey make_key(const std::string& name) {
    EXPECT_EQ(run_owrd({"key", "new", name}), 0) << err;
    return *trust::open_key_file(*keyring().find(name), "");
  }
  /// A key that is somebody else's.
  static trust::SecretKey other_key() { return *trust::SecretKey::generate(); }

  static NamedKey named(const trust::SecretKey& key, const std::string& label) {
    return {key.public_key(), label};
  }

  /// A plan whose one key is both root and release key.
  static trust::RootPlan plan_of_one(const NamedKey& key) {
    trust::RootPlan plan;
    plan.display_name = "Acme Labs";
    plan.issued = 1'790'000'000;
    plan.expires = plan.issued + 365 * 86400;
    plan.root.keys = {key};
    plan.release.keys = {key};
    return plan;
  }

  /// Adds the next root, signed by `keys`, and lets the daemon show the publisher.
  void add_root(const trust::RootPlan& plan, const std::vector<const trust::SecretKey*>& keys) {
    const auto payload = trust::make_root_payload(plan, chain ? &chain->newest() : nullptr);
    ASSERT_TRUE(payload) << payload.error().message;
    auto roots = chain ? chain->raw() : std::vector<Bytes>();
    roots.push_back(trust::seal(trust::PayloadKind::Root, *payload, keys));
    auto longer = trust::RootChain::verify(roots);
    ASSERT_TRUE(longer) << longer.error().message;
    chain = std::move(*longer);
    show();
  }

  void show() {
    auto& record = *shown.mutable_publisher();
    record.set_id(chain->publisher_id().to_hex());
    record.set_petname("acme");
    record.set_display_name("Acme Labs");
    record.set_root_version(chain->newest().version());
    shown.set_bundle(std::string(as_text(release::encode_bundle(bundle()))));
    daemon->reply("Publishers/Show", shown);
  }

  /// The roots alone.
  v1::Bundle bundle() const {
    v1::Bundle content;
    for (const auto& root : chain->raw()) content.add_roots(std::string(as_text(root)));
    return content;
  }

  std::string id() const { return chain->publisher_id().to_hex(); }

  std::optional<trust::RootChain> chain;
  v1::ShowPublisherReply shown;
};

}  // namespace owrd::cli
