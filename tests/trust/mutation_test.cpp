// Whatever byte of a signed object changes, and however it is cut or lengthened: nobody believes
// it.

#include <gtest/gtest.h>

#include <functional>

#include "daemon/trust/attestation.h"
#include "daemon/trust/head.h"
#include "daemon/trust/mutable_item.h"
#include "daemon/trust/notice.h"
#include "daemon/trust/release_signers.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/root_draft.h"
#include "daemon/trust/statement.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class Mutation : public testing::Test {
 protected:
  using IsBelieved = std::function<bool(ByteView)>;

  Mutation() {
    auto root = make_root({&owner_}, 1);
    set_key(*root.mutable_head(), online_);
    set_key(*root.add_locators(), locator_);
    add_scope(root, {"atlas-*"}, {&owner_}, 1);
    root.add_revoked()->set_key_id(digest_of(9).to_field());
    root.add_locations("https://acme.example/");
    chain_ = *RootChain::verify({seal_root(root, {&owner_})});
  }

  static void expect_no_mutation(const Bytes& good, const IsBelieved& is_believed) {
    ASSERT_TRUE(is_believed(good));
    expect_no_flip(good, is_believed);
    for (std::size_t size = 0; size < good.size(); ++size)
      ASSERT_FALSE(is_believed(ByteView(good).first(size))) << "cut to " << size;
    auto longer = good;
    longer.push_back({});
    for (int byte = 0; byte < 256; ++byte) {
      longer.back() = static_cast<std::byte>(byte);
      ASSERT_FALSE(is_believed(longer)) << "with " << byte << " behind it";
    }
  }
  static void expect_no_flip(const Bytes& good, const IsBelieved& is_believed) {
    auto changed = good;
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        changed[at] = good[at] ^ static_cast<std::byte>(1U << bit);
        ASSERT_FALSE(is_believed(changed)) << "byte " << at << ", bit " << bit;
      }
      changed[at] = good[at];
    }
  }
  Bytes head() const { return make_head(example_head(chain_->publisher_id()), online_); }

  const SecretKey owner_ = make_key(1);
  const SecretKey online_ = make_key(2);
  const SecretKey locator_ = make_key(3);
  std::optional<RootChain> chain_;
};

TEST_F(Mutation, OfAFirstRootIsRefused) {
  expect_no_mutation(chain_->first().raw(),
                     [](ByteView bytes) { return bool(Root::verify_first(bytes)); });
}

TEST_F(Mutation, OfALaterRootIsRefused) {
  expect_no_mutation(seal_root(make_next(chain_->newest()), {&owner_}), [&](ByteView bytes) {
    return bool(Root::verify_next(bytes, chain_->newest()));
  });
}

TEST_F(Mutation, OfADraftIsRefused) {
  const auto bytes =
      *sign_root_draft(make_root_draft(as_bytes(make_next(chain_->newest()).SerializeAsString())),
                       &chain_->newest(), owner_);
  expect_no_flip(
      bytes, [&](ByteView changed) { return bool(read_root_draft(changed, &chain_->newest())); });
}

TEST_F(Mutation, OfAManifestIsRefused) {
  expect_no_mutation(seal(PayloadKind::Manifest, as_bytes("manifest"), {&owner_}),
                     [&](ByteView bytes) {
                       const auto envelope = parse_envelope(bytes, PayloadKind::Manifest);
                       return envelope && verify_release(*envelope, "atlas", *chain_, std::nullopt);
                     });
}

TEST_F(Mutation, OfAHeadIsRefused) {
  expect_no_mutation(head(), [&](ByteView bytes) {
    const auto head = Head::parse(bytes);
    return head && verify_head(*head, chain_->newest());
  });
}

TEST_F(Mutation, OfANoticeIsRefused) {
  const auto payload = *make_notice_payload(example_notice(chain_->publisher_id()));
  expect_no_mutation(seal(PayloadKind::Notice, payload, {&owner_}), [&](ByteView bytes) {
    const auto notice = Notice::parse(bytes);
    return notice && verify_release(notice->envelope(), notice->model(), *chain_, std::nullopt);
  });
}

TEST_F(Mutation, OfAnAttestationIsRefused) {
  expect_no_mutation(make_attestation(example_attestation(), owner_),
                     [](ByteView bytes) { return bool(Attestation::verify(bytes)); });
}

TEST_F(Mutation, OfAStatementIsRefused) {
  expect_no_mutation(*make_statement(example_statement(), owner_),
                     [](ByteView bytes) { return bool(Statement::verify(bytes)); });
}

TEST_F(Mutation, OfAMutableItemIsRefused) {
  const auto good =
      *sign_mutable_item(locator_, kHeadSalt, 7, encode_head_item(*Head::parse(head())));
  const auto is_believed = [](const MutableItem& item) { return bool(read_head_item(item)); };
  ASSERT_TRUE(is_believed(good));
  expect_no_mutation(good.value, [&](ByteView bytes) {
    auto item = good;
    item.value = to_bytes(bytes);
    return is_believed(item);
  });
  expect_no_mutation(good.signature, [&](ByteView bytes) {
    auto item = good;
    item.signature = to_bytes(bytes);
    return is_believed(item);
  });
  expect_no_mutation(to_bytes(good.salt), [&](ByteView bytes) {
    auto item = good;
    item.salt = as_text(bytes);
    return is_believed(item);
  });
  expect_no_flip(to_bytes(good.key.bytes()), [&](ByteView bytes) {
    auto item = good;
    item.key = *PublicKey::from_bytes(bytes);
    return is_believed(item);
  });
  for (unsigned bit = 0; bit < 64; ++bit) {
    auto item = good;
    item.sequence =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(good.sequence) ^ (1ULL << bit));
    EXPECT_FALSE(is_believed(item)) << "bit " << bit;
  }
}

// What the locator's thief signs anew is an item like any other: the head in it is not its own to
// change.
TEST_F(Mutation, OfAHeadIsRefusedInAnItemThatIsSignedAnew) {
  const auto good = encode_head_item(*Head::parse(head()));
  expect_no_flip(good, [&](ByteView bytes) {
    const auto read = read_head_item(*sign_mutable_item(locator_, kHeadSalt, 7, bytes));
    return read && verify_head(*read, chain_->newest());
  });
}

}  // namespace
}  // namespace owrd::trust
