#include "daemon/store/store.h"

#include "daemon/store/impl.h"
#include "daemon/store/query.h"

namespace owrd::store {

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory) {
  auto locked = LockedDirectory::open(directory);
  if (!locked) return locked.error();
  auto database = Database::open(locked->database(), directory, schema_steps());
  if (!database) return database.error();
  auto& opened = **database;
  std::unique_ptr<Impl> impl(new Impl{std::move(*locked), std::move(*database), Feeds(opened),
                                      Mirrors(opened), Licenses(opened), Statements(opened)});
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

const std::filesystem::path& Store::directory() const { return impl_->directory.path(); }
Feeds& Store::feeds() { return impl_->feeds; }
Mirrors& Store::mirrors() { return impl_->mirrors; }
Licenses& Store::licenses() { return impl_->licenses; }
Statements& Store::statements() { return impl_->statements; }

Result<> Store::set_value(const std::string& key, const Bytes& value) {
  return impl_->database->write("save the value " + key, [&](SQLite::Database& sqlite) {
    Query(sqlite, "INSERT OR REPLACE INTO value (name, value) VALUES (?, ?)")
        .bind(key, value)
        .run();
    return Result<>(Done{});
  });
}

Result<std::optional<Bytes>> Store::value(const std::string& key) {
  return impl_->database->read("read the value " + key, [&](SQLite::Database& sqlite) {
    Query query(sqlite, "SELECT value FROM value WHERE name = ?");
    if (!query.bind(key).next()) return Result<std::optional<Bytes>>(std::nullopt);
    return Result<std::optional<Bytes>>(query.blob(0));
  });
}

}  // namespace owrd::store
