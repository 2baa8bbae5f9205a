#include "daemon/control/handlers.h"
#include "daemon/control/records.h"

namespace owrd::control {

Result<v1::SubmitStatementReply> submit_statement(Engine& engine,
                                                  const v1::SubmitStatementRequest& request) {
  const auto statement = engine.registry().submit_statement(as_bytes(request.envelope()));
  if (!statement) return statement.error();
  v1::SubmitStatementReply reply;
  *reply.mutable_statement() = to_record(*statement);
  return reply;
}

Result<v1::ListStatementsReply> list_statements(Engine& engine,
                                                const v1::ListStatementsRequest& request) {
  std::optional<Digest> release_id;
  if (!request.ref().empty()) {
    const auto id = release_of(engine, request.ref());
    if (!id) return id.error();
    release_id = *id;
  }
  const auto statements = engine.registry().statements(release_id);
  if (!statements) return statements.error();
  v1::ListStatementsReply reply;
  for (const auto& each : *statements) *reply.add_statements() = to_record(each);
  return reply;
}

}  // namespace owrd::control
