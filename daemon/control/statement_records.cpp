#include "daemon/control/records.h"

namespace owrd::control {

v1::StatementRecord to_record(const engine::StatementView& view) {
  const auto& statement = view.statement;
  const auto fingerprint = trust::fingerprint(statement.author_key().id());
  const auto& name = statement.author_name();
  v1::StatementRecord record;
  record.set_kind(trust::name_of(statement.kind()));
  record.set_ref(view.ref);
  record.set_release_id(statement.release_id().to_hex());
  record.set_author(name.empty() ? fingerprint : name + " (" + fingerprint + ")");
  record.set_author_key(owrd::to_hex(statement.author_key().bytes()));
  record.set_text(statement.text());
  record.set_issued(statement.issued());
  for (const auto& detail : statement.message().details()) {
    auto& value = *record.add_details();
    value.set_name(detail.name());
    value.set_value(detail.value());
  }
  *record.mutable_evidence() = statement.message().evidence();
  record.set_pinned_as(view.pinned_as);
  record.set_id(statement.id().to_hex());
  record.set_envelope(std::string(as_text(statement.raw())));
  return record;
}

}  // namespace owrd::control
