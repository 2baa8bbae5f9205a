#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::store {

class Database;

/// Terms that were accepted.
struct AcceptedLicense {
  Digest digest;  ///< As release::terms_digest() gives it.
  std::string ref;
  Digest release_id;  ///< For which they were accepted first.
  std::string license;
  std::int64_t accepted = 0;  ///< Unix seconds.
};

/// The part of the store that remembers which terms were accepted. As Store: one thread; every
/// change is one transaction, durable when it returns.
class Licenses {
 public:
  explicit Licenses(Database& database) : database_(database) {}

  /// The first acceptance of the same terms stays.
  Result<> accept(const AcceptedLicense& license);
  Result<bool> is_accepted(const Digest& digest);
  /// The oldest first.
  Result<std::vector<AcceptedLicense>> all();

 private:
  Database& database_;
};

}  // namespace owrd::store
