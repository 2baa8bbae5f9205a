#include "daemon/engine/known_get.h"

#include <gtest/gtest.h>

namespace owrd::engine {
namespace {

TEST(KnownGet, DecidesWhatAGetOfSomethingThatIsHereComesTo) {
  struct Case {
    const char* what;
    KnownRelease known;
    KnownGet expected;
  };
  const Case cases[] = {
      {"under way", {false, false, true, false}, KnownGet::Join},
      {"under way, and more is asked for", {false, false, false, false}, KnownGet::Extend},
      {"under way to another place", {false, false, true, true}, KnownGet::RefuseUnfinished},
      {"here", {true, true, true, false}, KnownGet::Confirm},
      {"here in part, and more is asked for", {true, true, false, false}, KnownGet::Extend},
      {"damaged", {true, false, true, false}, KnownGet::Extend},
      {"here, and wanted elsewhere too", {true, true, true, true}, KnownGet::Copy},
      {"damaged, and wanted elsewhere", {true, false, true, true}, KnownGet::RefuseIncomplete},
      {"here in part, and more of it elsewhere",
       {true, true, false, true},
       KnownGet::RefuseIncomplete},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    EXPECT_EQ(decide(one.known), one.expected);
  }
}

}  // namespace
}  // namespace owrd::engine
