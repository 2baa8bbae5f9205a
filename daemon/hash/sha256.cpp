#include "daemon/hash/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <new>

namespace owrd::hash {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

/// Looking the algorithm up costs more than hashing a short message with it, so it is done once.
const EVP_MD* algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(kAlgorithm != nullptr);
  return kAlgorithm;
}

Context make_context() {
  Context context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

void begin(EVP_MD_CTX* context) {
  const int done = EVP_DigestInit_ex2(context, algorithm(), nullptr);
  assert(done == 1);
}

void add(EVP_MD_CTX* context, ByteView bytes) {
  const int done = EVP_DigestUpdate(context, bytes.data(), bytes.size());
  assert(done == 1);
}

Digest end(EVP_MD_CTX* context) {
  std::array<std::byte, Digest::kBytes> digest{};
  const int done =
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  assert(done == 1);
  return Digest(digest);
}

}  // namespace

Digest sha256(ByteView bytes) {
  thread_local const Context kContext = make_context();
  begin(kContext.get());
  add(kContext.get(), bytes);
  return end(kContext.get());
}

struct Sha256::State {
  Context context = make_context();
};

Sha256::Sha256() : state_(std::make_unique<State>()) { begin(state_->context.get()); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) {
  assert(state_ != nullptr);
  add(state_->context.get(), bytes);
}

Digest Sha256::finish() {
  assert(state_ != nullptr);
  const auto spent = std::move(state_);
  return end(spent->context.get());
}

}  // namespace owrd::hash
