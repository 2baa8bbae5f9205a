#include "daemon/trust/blake2b.h"

#include <gtest/gtest.h>

namespace owrd::trust {
namespace {

TEST(Blake2b, PrintsTheVectorOfRfc7693AppendixA) {
  EXPECT_EQ(to_hex(blake2b_512(as_bytes("abc"))),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

}  // namespace
}  // namespace owrd::trust
