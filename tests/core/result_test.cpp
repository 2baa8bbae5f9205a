#include "daemon/core/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace owrd {
namespace {

constexpr ErrorCode kAllCodes[] = {
    ErrorCode::InvalidInput, ErrorCode::NotFound,  ErrorCode::AlreadyExists, ErrorCode::Untrusted,
    ErrorCode::BadSignature, ErrorCode::Corrupt,   ErrorCode::NoSources,     ErrorCode::NoSpace,
    ErrorCode::Io,           ErrorCode::Denied,    ErrorCode::Config,        ErrorCode::Busy,
    ErrorCode::Unavailable,  ErrorCode::Cancelled, ErrorCode::Internal};

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> value = 7;
  const Result<int> error = Error{ErrorCode::NotFound, "no seven"};

  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 7);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ErrorCode::NotFound);
  EXPECT_EQ(error.error().message, "no seven");
  EXPECT_EQ(error.error().hint, "");
}

TEST(Result, GivesUpAValueThatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);

  const auto taken = std::move(*result);

  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, StopsTheProgramWhenTheAbsentSideIsRead) {
  const Result<int> value = 7;
  const Result<int> error = Error{ErrorCode::Io, "read"};

  EXPECT_DEATH(static_cast<void>(*error), "Assertion");
  EXPECT_DEATH(static_cast<void>(value.error()), "Assertion");
}

TEST(ErrorFacts, GiveEveryFailureANonZeroExitCodeAndAStatus) {
  for (const auto code : kAllCodes) {
    const auto& facts = error_facts(code);
    EXPECT_GT(facts.exit_code, 0);
    EXPECT_LT(facts.exit_code, 256);
    EXPECT_NE(std::string(facts.name), "");
    EXPECT_NE(std::string(facts.connect_code), "");
  }
}

TEST(ErrorFacts, KeepTheExitCodesThatScriptsRelyOn) {
  EXPECT_EQ(error_facts(ErrorCode::Untrusted).exit_code, 10);
  EXPECT_EQ(error_facts(ErrorCode::BadSignature).exit_code, 11);
  EXPECT_EQ(error_facts(ErrorCode::Corrupt).exit_code, 12);
  EXPECT_EQ(error_facts(ErrorCode::NotFound).exit_code, 13);
  EXPECT_EQ(error_facts(ErrorCode::NoSources).exit_code, 14);
  EXPECT_EQ(error_facts(ErrorCode::NoSpace).exit_code, 15);
  EXPECT_EQ(error_facts(ErrorCode::InvalidInput).exit_code, 64);
  EXPECT_EQ(error_facts(ErrorCode::Unavailable).exit_code, 69);
  EXPECT_EQ(error_facts(ErrorCode::Io).exit_code, 74);
  EXPECT_EQ(error_facts(ErrorCode::Busy).exit_code, 75);
  EXPECT_EQ(error_facts(ErrorCode::Denied).exit_code, 77);
  EXPECT_EQ(error_facts(ErrorCode::Config).exit_code, 78);
  EXPECT_EQ(error_facts(ErrorCode::Cancelled).exit_code, 130);
}

}  // namespace
}  // namespace owrd
