#include "daemon/exports/dsse.h"

#include "daemon/core/base64.h"
#include "daemon/exports/dsse_json.h"

namespace owrd::exports {

Json dsse_json(std::string_view payload_type, ByteView payload,
               const std::vector<trust::Signature>& signatures) {
  Json out;
  out["payload"] = to_base64(payload);
  out["payloadType"] = payload_type;
  out["signatures"] = Json::array();
  for (const auto& [key_id, bytes] : signatures)
    out["signatures"].push_back(Json{{"keyid", key_id.to_hex()}, {"sig", to_base64(bytes)}});
  return out;
}

Json signed_statement(const Json& statement, const trust::SecretKey& key) {
  const auto text = compact(statement);
  const auto signature = key.sign(trust::pre_authentication_encoding(kInTotoType, as_bytes(text)));
  return dsse_json(kInTotoType, as_bytes(text), {{key.public_key().id(), signature}});
}

Exported dsse(const trust::Envelope& envelope, const std::string& name) {
  const auto json =
      dsse_json(trust::payload_type(envelope.kind), envelope.payload, envelope.signatures);
  return {"application/vnd.dsse.envelope.v1+json", name + ".dsse.json", pretty(json)};
}

}  // namespace owrd::exports
