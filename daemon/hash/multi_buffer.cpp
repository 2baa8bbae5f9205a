#include "daemon/hash/multi_buffer.h"

#define NO_COMPAT_IMB_API_053  // Its old names collide with everybody's.
#include <intel-ipsec-mb.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "daemon/hash/sha256.h"

namespace owrd::hash {
namespace {

struct Free {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, Free>;

struct Kind {
  std::string_view name;
  std::size_t lanes;
  std::uint64_t flags;
  std::uint64_t needed_features;
  void (*init)(IMB_MGR*);
};

Kind kind_of(Lanes lanes) {
  switch (lanes) {
    case Lanes::Avx512:
      return {"avx512 x16", 16, 0, IMB_CPUFLAGS_AVX512, init_mb_mgr_avx512};
    case Lanes::ShaNi:
      return {"sha-ni x2", 2, 0, IMB_CPUFLAGS_SSE_T2, init_mb_mgr_sse};
    case Lanes::Avx2:
      break;
  }
  // Where there is SHA-NI, the library would take that here too.
  return {"avx2 x8", 8, IMB_FLAG_SHANI_OFF, IMB_CPUFLAGS_AVX2, init_mb_mgr_avx2};
}

/// The job interface of ipsec-mb, whose hash bursts know no plain SHA-256 in version 1.3.
class MultiBuffer : public BlockHasher {
 public:
  MultiBuffer(const Kind& kind, Manager manager) : kind_(kind), manager_(std::move(manager)) {}

  std::string_view name() const override { return kind_.name; }

  void hash(std::span<const ByteView> blocks, std::span<Digest> digests) override {
    assert(blocks.size() == digests.size());
    while (!blocks.empty()) {
      const auto count = std::min(blocks.size(), kMostJobs);
      const auto together = worth_it(count);
      hash_together(blocks.first(together), digests);
      std::transform(blocks.begin() + static_cast<std::ptrdiff_t>(together),
                     blocks.begin() + static_cast<std::ptrdiff_t>(count),
                     digests.begin() + static_cast<std::ptrdiff_t>(together), sha256);
      blocks = blocks.subspan(count);
      digests = digests.subspan(count);
    }
  }

 private:
  /// A multiple of all numbers of lanes, and fewer than the library's queue holds.
  static constexpr std::size_t kMostJobs = 128;
  using Sum = std::array<std::byte, Digest::kBytes>;

  /// Lanes take their time however few of them are filled: fewer than half of them are slower than
  /// one block after the other.
  std::size_t worth_it(std::size_t count) const {
    const auto rest = count % kind_.lanes;
    return 2 * rest > kind_.lanes ? count : count - rest;
  }

  void hash_together(std::span<const ByteView> blocks, std::span<Digest> digests) {
    std::array<Sum, kMostJobs> sums;
    std::size_t done = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i)
      for (auto* job = submit(blocks[i], sums[i]); job != nullptr;
           job = IMB_GET_COMPLETED_JOB(manager_.get()))
        done += is_completed(job);
    while (const auto* job = IMB_FLUSH_JOB(manager_.get())) done += is_completed(job);
    assert(done == blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) digests[i] = Digest(sums[i]);
  }

  /// Gives the oldest job that is completed, if any: the lanes start when they are full.
  IMB_JOB* submit(ByteView block, Sum& sum) {
    assert(block.size() <= kBlockBytes);
    auto* job = IMB_GET_NEXT_JOB(manager_.get());
    job->cipher_mode = IMB_CIPHER_NULL;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    job->hash_alg = IMB_AUTH_SHA_256;
    job->src = reinterpret_cast<const std::uint8_t*>(block.data());
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = block.size();
    job->auth_tag_output = reinterpret_cast<std::uint8_t*>(sum.data());
    job->auth_tag_output_len_in_bytes = sum.size();
    return IMB_SUBMIT_JOB(manager_.get());
  }

  static std::size_t is_completed(const IMB_JOB* job) {
    return job->status == IMB_STATUS_COMPLETED ? 1 : 0;
  }

  const Kind kind_;
  const Manager manager_;
};

}  // namespace

std::unique_ptr<BlockHasher> make_multi_buffer_hasher(Lanes lanes) {
  const auto kind = kind_of(lanes);
  Manager manager(alloc_mb_mgr(kind.flags));
  if (!manager || (manager->features & kind.needed_features) != kind.needed_features)
    return nullptr;
  kind.init(manager.get());
  // It has tested itself by now.
  if (imb_get_errno(manager.get()) != 0) return nullptr;
  return std::make_unique<MultiBuffer>(kind, std::move(manager));
}

}  // namespace owrd::hash
