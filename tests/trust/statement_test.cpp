#include "daemon/trust/statement.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class StatementTest : public testing::Test {
 protected:
  v1::Statement good() const {
    auto message = example_statement();
    message.set_author_key(field(author_.public_key()));
    return message;
  }
  v1::Statement feedback() const {
    auto message = good();
    message.set_kind(v1::STATEMENT_KIND_BUG);
    message.clear_details();
    return message;
  }
  static Bytes seal_statement(const v1::Statement& message, const SecretKey& key) {
    return seal(PayloadKind::Statement, as_bytes(message.SerializeAsString()), {&key});
  }
  struct Case {
    std::function<void(v1::Statement&)> change;
    std::string reason;
    ErrorCode code = ErrorCode::Corrupt;
  };
  void expect_refused(const v1::Statement& from, const Case& what) const {
    SCOPED_TRACE(what.reason);
    auto message = from;
    what.change(message);
    const auto statement = Statement::verify(seal_statement(message, author_));
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().code, what.code);
    EXPECT_EQ(statement.error().message, "statement: " + what.reason);
  }

  const SecretKey author_ = make_key(1);
  const SecretKey other_ = make_key(2);
};

TEST_F(StatementTest, IsAnAuthorsWord) {
  const auto raw = make_statement(example_statement(), author_);
  ASSERT_TRUE(raw) << raw.error().message;

  const auto statement = Statement::verify(*raw);

  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->raw(), *raw);
  EXPECT_EQ(statement->author_key(), author_.public_key());
  EXPECT_EQ(statement->author_name(), "Ada");
  EXPECT_EQ(statement->publisher_id(), digest_of(5));
  EXPECT_EQ(statement->release_id(), digest_of(6));
  EXPECT_EQ(statement->kind(), v1::STATEMENT_KIND_BENCHMARK);
  EXPECT_EQ(statement->text(), "Run three times.\n\nThe best is given.");
  EXPECT_EQ(statement->issued(), 1'750'000'000);
  EXPECT_EQ(statement->message().details(2).value(), "0.71");
}

// The example of proto/README.md, section 21 (made by the openssl program): another implementation
// must come to these bytes.
TEST_F(StatementTest, IsTheExampleOfTheSpecification) {
  const auto rfc8032 =
      SecretKey::from_seed(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  v1::Statement message;
  message.set_author_name("Ada");
  const auto publisher = hex("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
  message.set_publisher_id(std::string(as_text(publisher)));
  message.set_release_id(digest_of(0x11).to_field());
  message.set_kind(v1::STATEMENT_KIND_BUG);
  message.set_text("It stops.");
  message.set_issued(1764547200);

  const auto statement = Statement::verify(*make_statement(message, *rfc8032));

  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->raw().size(), 274U);
  EXPECT_EQ(statement->id().to_hex(),
            "ee4bb5adc3c0abdda9d9f7b291ffd066861b4d41a9f1e3814af9cd130e77941f");
  const auto envelope = parse_envelope(statement->raw(), PayloadKind::Statement);
  EXPECT_EQ(to_hex(envelope->signatures.front().bytes),
            "6c8ffbd517c74009b469a3a1aa4021f8288ffefe821f03296035adb7dc127432"
            "490fbeebf9557be0973096e3c67f66d95df7960b64644da77296e012d7e9ca01");
}

TEST_F(StatementTest, NamesTheRuleThatIsBroken) {
  const Case cases[] = {
      {[](auto& s) { s.set_author_key("x"); }, "the author's key is not 32 bytes"},
      {[](auto& s) { s.set_author_key(std::string(32, '\0')); },
       "the author's key is not a point of ed25519"},
      {[](auto& s) { s.set_author_name("a\nb"); },
       "the author's name is not one line of at most 200 bytes"},
      {[](auto& s) { s.set_author_name(std::string(201, 'a')); },
       "the author's name is not one line of at most 200 bytes"},
      {[](auto& s) { s.clear_publisher_id(); }, "the publisher id is not 32 bytes"},
      {[](auto& s) { s.clear_release_id(); }, "the release id is not 32 bytes"},
      {[](auto& s) { s.clear_kind(); }, "the kind is missing"},
      {[](auto& s) { s.set_kind(static_cast<v1::StatementKind>(8)); }, "kind 8 needs a newer owrd",
       ErrorCode::InvalidInput},
      {[](auto& s) { s.clear_issued(); }, "the time of issue is missing"},
      {[](auto& s) { s.set_issued(-1); }, "the time of issue is missing"},
      {[](auto& s) { s.set_text(std::string(4001, 'a')); }, "the text is longer than 4000 bytes"},
      {[](auto& s) { s.set_text("\x1b[2J"); }, "the text has characters that do not print"},
      {[](auto& s) {
         for (int i = 0; i < 8; ++i) s.add_evidence("https://ada.example/");
       },
       "more than 8 pieces of evidence"},
      {[](auto& s) { s.add_evidence("http://ada.example/"); },
       "the evidence \"http://ada.example/\" is not an https:// URL"},
      {[](auto& s) { s.clear_text(), s.set_kind(v1::STATEMENT_KIND_SAFETY); },
       "feedback without text"}};
  for (const auto& each : cases) expect_refused(good(), each);
}

TEST_F(StatementTest, HasTheDetailsOfItsKind) {
  const auto add = [](v1::Statement& s, const std::string& name, const std::string& value) {
    auto& detail = *s.add_details();
    detail.set_name(name);
    detail.set_value(value);
  };
  const Case cases[] = {
      {[&](auto& s) {
         for (int i = 0; i < 14; ++i) add(s, "d" + std::to_string(i), "x");
       },
       "more than 16 details"},
      {[&](auto& s) { add(s, "", "x"); }, "the name of a detail is not one line of 1 to 64 bytes"},
      {[&](auto& s) { add(s, std::string(65, 'a'), "x"); },
       "the name of a detail is not one line of 1 to 64 bytes"},
      {[&](auto& s) { add(s, "harness", "a\nb"); },
       "the detail \"harness\" is not one line of 1 to 512 bytes"},
      {[&](auto& s) { add(s, "harness", std::string(513, 'a')); },
       "the detail \"harness\" is not one line of 1 to 512 bytes"},
      {[&](auto& s) { add(s, "task", "arc"); }, "the detail \"task\" stands twice"},
      {[](auto& s) { s.mutable_details(0)->set_name("tasks"); }, "a benchmark without its task"},
      {[](auto& s) { s.mutable_details(1)->set_name("x"); }, "a benchmark without its metric"},
      {[](auto& s) { s.mutable_details()->RemoveLast(); }, "a benchmark without its value"},
      {[](auto& s) { s.mutable_details(2)->set_value("71 %"); },
       "the value \"71 %\" is not a decimal number"},
      {[](auto& s) { s.set_kind(v1::STATEMENT_KIND_AUDIT); }, "the result is missing"},
      {[&](auto& s) {
         s.set_kind(v1::STATEMENT_KIND_REPRODUCTION);
         add(s, "result", "passed");
       },
       "the result \"passed\" is not pass, warn or fail"}};
  for (const auto& each : cases) expect_refused(good(), each);

  for (const auto* result : {"pass", "warn", "fail"}) {
    auto message = feedback();
    message.set_kind(v1::STATEMENT_KIND_AUDIT);
    message.clear_text();
    add(message, "result", result);
    EXPECT_TRUE(Statement::verify(seal_statement(message, author_))) << result;
  }
  EXPECT_TRUE(Statement::verify(seal_statement(feedback(), author_)));
}

TEST_F(StatementTest, IsSignedByTheKeyThatStandsInIt) {
  const auto by_other = Statement::verify(seal_statement(good(), other_));
  ASSERT_FALSE(by_other);
  EXPECT_EQ(by_other.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(by_other.error().message,
            "statement: it is signed by the key " + fingerprint(other_.public_key().id()) +
                ", and names as its author's the key " + fingerprint(author_.public_key().id()));

  auto envelope = decode(seal_statement(good(), other_));
  envelope.mutable_signatures(0)->set_key_id(author_.public_key().id().to_field());
  const auto pretended = Statement::verify(encode(envelope));
  ASSERT_FALSE(pretended);
  EXPECT_EQ(pretended.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(pretended.error().message, "statement: the signature by the author's key " +
                                           fingerprint(author_.public_key().id()) +
                                           " is not valid");

  const auto payload = good().SerializeAsString();
  const auto by_two =
      Statement::verify(seal(PayloadKind::Statement, as_bytes(payload), {&author_, &other_}));
  ASSERT_FALSE(by_two);
  EXPECT_EQ(by_two.error().message, "statement: more than one signature");
}

TEST_F(StatementTest, IsNotMadeWhenEverybodyWouldRefuseIt) {
  auto message = feedback();
  message.clear_text();
  const auto silent = make_statement(message, author_);
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(silent.error().message, "statement: feedback without text");

  // Each part is within its limit, but no peer could be told all of it at once.
  auto long_one = feedback();
  long_one.set_text(std::string(4000, 'a'));
  for (int i = 0; i < 8; ++i) long_one.add_evidence("https://ada.example/" + std::string(600, 'a'));
  const auto too_long = make_statement(long_one, author_);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().message, "statement envelope: longer than 8192 bytes");
}

TEST_F(StatementTest, NamesItsKind) {
  EXPECT_EQ(name_of(v1::STATEMENT_KIND_BUG), "bug");
  EXPECT_EQ(name_of(v1::STATEMENT_KIND_REPRODUCTION), "reproduction");
  EXPECT_TRUE(is_feedback(v1::STATEMENT_KIND_LICENSE));
  EXPECT_FALSE(is_feedback(v1::STATEMENT_KIND_AUDIT));
}

}  // namespace
}  // namespace owrd::trust
