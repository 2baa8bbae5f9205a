#include "daemon/worker/disk/arena.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace owrd::worker::disk {
namespace {

constexpr std::size_t kPageBytes = 4096;

}  // namespace

Arena::Arena(std::size_t size)
    : size_(size), memory_(static_cast<char*>(std::aligned_alloc(kPageBytes, size))) {
  if (!memory_) throw std::bad_alloc();
}

void Arena::trim(std::size_t offset, std::size_t length) {
  // Advice that is not taken does no harm.
  ::madvise(at(offset), length, MADV_DONTNEED);
}

void Arena::Free::operator()(char* memory) const { std::free(memory); }

}  // namespace owrd::worker::disk
