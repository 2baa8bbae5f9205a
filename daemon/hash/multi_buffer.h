#pragma once

#include <memory>

#include "daemon/hash/blocks.h"

namespace owrd::hash {

/// What computes several digests side by side: AVX-512 sixteen, AVX2 eight, SHA-NI two.
enum class Lanes { Avx512, ShaNi, Avx2 };

/// None where the processor does not have them, or the program was built without ipsec-mb.
std::unique_ptr<BlockHasher> make_multi_buffer_hasher(Lanes lanes);

}  // namespace owrd::hash
