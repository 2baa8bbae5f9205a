#include "daemon/hash/range_hasher.h"

#include <gtest/gtest.h>

#include <string>

namespace owrd::hash {
namespace {

// However the bytes come, each digest is that of the range alone.
TEST(RangeHasher, EqualsTheDigestOfEachPart) {
  std::string file(1000, ' ');
  for (std::size_t i = 0; i < file.size(); ++i) file[i] = static_cast<char>(i * 7 + i / 256);
  const std::vector<Range> ranges = {{0, 0},     {0, 1},     {1, 100},    {100, 100},
                                     {150, 640}, {640, 641}, {900, 1000}, {1000, 1000}};
  for (const std::size_t step : {1U, 3U, 64U, 100U, 999U, 1000U}) {
    SCOPED_TRACE(step);
    RangeHasher hasher(ranges);
    for (std::size_t at = 0; at < file.size(); at += step)
      hasher.update(as_bytes(file).subspan(at, std::min(step, file.size() - at)));
    const auto digests = hasher.finish();
    ASSERT_EQ(digests.size(), ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i)
      EXPECT_EQ(digests[i],
                sha256(as_bytes(file).subspan(ranges[i].begin, ranges[i].end - ranges[i].begin)))
          << i;
  }
}

TEST(RangeHasher, OfNothingIsNothing) {
  RangeHasher hasher({});
  hasher.update(as_bytes(std::string("abc")));
  EXPECT_TRUE(hasher.finish().empty());
}

}  // namespace
}  // namespace owrd::hash
