#include "daemon/hash/multi_buffer.h"

// Takes the place of multi_buffer.cpp on architectures that have no ipsec-mb.
namespace owrd::hash {

std::unique_ptr<BlockHasher> make_multi_buffer_hasher(Lanes) { return nullptr; }

}  // namespace owrd::hash
