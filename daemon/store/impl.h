#pragma once

#include <memory>

#include "daemon/store/database.h"
#include "daemon/store/directory.h"
#include "daemon/store/store.h"

namespace owrd::store {

/// The database is closed before the lock is given up.
struct Store::Impl {
  LockedDirectory directory;
  std::unique_ptr<Database> database;
  Feeds feeds;
  Mirrors mirrors;
  Licenses licenses;
  Statements statements;
};

}  // namespace owrd::store
