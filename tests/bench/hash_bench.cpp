// What one core, or each of several at once, makes of bytes in memory: the ceilings that
// hash_files() and check_files() are held against. A chunk of 1 MiB stays in the processor's cache,
// 64 MiB do not. bytes_per_second is that of all threads together.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "daemon/hash/blocks.h"
#include "daemon/hash/layer_hasher.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"

namespace owrd::hash {
namespace {

constexpr std::size_t kChunk = LayerHasher::kChunkBytes;
constexpr std::size_t kMuch = 64 * kChunk;

Digest zeros() { return Digest(std::array<std::byte, Digest::kBytes>{}); }

int cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

std::vector<ByteView> cut(ByteView bytes, std::size_t size) {
  std::vector<ByteView> parts;
  for (; !bytes.empty(); bytes = bytes.subspan(parts.back().size()))
    parts.push_back(bytes.first(std::min(size, bytes.size())));
  return parts;
}

/// Calls `work` for each chunk of a buffer of the benchmark's argument, over and over.
template <class Work>
void for_each_chunk(benchmark::State& state, const Work& work) {
  const Bytes bytes(static_cast<std::size_t>(state.range(0)), std::byte{1});
  const auto chunks = cut(bytes, kChunk);
  std::size_t next = 0;
  for (auto _ : state) work(chunks[next++ % chunks.size()]);
  state.SetBytesProcessed(static_cast<std::int64_t>(next * kChunk));
}

void hash_leaves(benchmark::State& state, std::size_t which) {
  const auto hashers = make_block_hashers();
  std::vector<Digest> digests(kChunk / kBlockBytes, zeros());
  for_each_chunk(state, [&](ByteView chunk) {
    hashers[which]->hash(cut(chunk, kBlockBytes), digests);
    benchmark::DoNotOptimize(digests.data());
  });
}

/// Inner nodes of a tree: messages of 64 bytes, as many as the argument says.
void hash_nodes(benchmark::State& state, std::size_t which) {
  const auto hashers = make_block_hashers();
  const Bytes bytes(64 * static_cast<std::size_t>(state.range(0)), std::byte{1});
  const auto nodes = cut(bytes, 64);
  std::vector<Digest> digests(nodes.size(), zeros());
  for (auto _ : state) {
    hashers[which]->hash(nodes, digests);
    benchmark::DoNotOptimize(digests.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void merkle(benchmark::State& state) {
  for_each_chunk(state, [](ByteView chunk) {
    const auto digest = piece_hash(chunk, kChunk);
    benchmark::DoNotOptimize(&digest);
  });
}

void flat(benchmark::State& state) {
  Sha256 hasher;
  for_each_chunk(state, [&](ByteView chunk) { hasher.update(chunk); });
}

void both(benchmark::State& state) {
  Sha256 hasher;
  for_each_chunk(state, [&](ByteView chunk) {
    const auto digest = piece_hash(chunk, kChunk);
    benchmark::DoNotOptimize(&digest);
    hasher.update(chunk);
  });
}

void on_one_and_all_cores(benchmark::internal::Benchmark* bench) {
  bench->Arg(kChunk)->Arg(kMuch)->Threads(1)->Threads(cores())->UseRealTime();
}

const bool kAreRegistered = [] {
  const auto hashers = make_block_hashers();
  for (std::size_t i = 0; i < hashers.size(); ++i) {
    const std::string name(hashers[i]->name());
    const auto leaves = [i](benchmark::State& state) { hash_leaves(state, i); };
    on_one_and_all_cores(benchmark::RegisterBenchmark(("leaves/" + name).c_str(), leaves));
    const auto nodes = [i](benchmark::State& state) { hash_nodes(state, i); };
    benchmark::RegisterBenchmark(("nodes/" + name).c_str(), nodes)
        ->Arg(1)
        ->Arg(8)
        ->Arg(16)
        ->Arg(64);
  }
  on_one_and_all_cores(benchmark::RegisterBenchmark("merkle", merkle));
  on_one_and_all_cores(benchmark::RegisterBenchmark("flat", flat));
  on_one_and_all_cores(benchmark::RegisterBenchmark("both", both));
  return true;
}();

}  // namespace
}  // namespace owrd::hash
