#include "cli/ceremony_steps.h"

#include <algorithm>

#include "cli/anchors.h"
#include "cli/files.h"
#include "cli/passphrase.h"
#include "cli/publishers.h"
#include "cli/root_review.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

Result<trust::PublicKey> online_key(const std::string& field) {
  auto key = trust::PublicKey::from_bytes(as_bytes(field));
  if (key) return key;
  return Error{ErrorCode::Internal, "the daemon gave an online key that is not 32 bytes",
               "owrd status   (compare its version with: owrd version)"};
}

void show_submitted(Output& output, const v1::SubmitRootReply& reply, const Ceremony& ceremony) {
  const auto& publisher = reply.publisher();
  const auto name = publisher.petname() + " (" + fingerprint_of(publisher.id()) + ")";
  const auto expires = format_time(ceremony.root().expires()).substr(0, 10);
  const auto version = std::to_string(ceremony.root().version());
  if (reply.was_known())
    output.good("root version " + version + " of " + name + " was known already");
  else if (ceremony.previous() == nullptr)
    output.good("publisher " + name + ", its root expires on " + expires);
  else
    output.good("root version " + version + " of " + name + " counts; it expires on " + expires);
  if (ceremony.previous() == nullptr)
    output.hint("what users pin:  owrd publisher export " + publisher.petname() + " -o " +
                publisher.petname() + ".owrp");
}

Result<int> keep(Context& context, const Ceremony& ceremony, const std::string& file) {
  if (const auto written = write_new_file(file, ceremony.encode()); !written)
    return written.error();
  auto& output = context.output();
  output.good("wrote " + file + ": root version " + std::to_string(ceremony.root().version()) +
              ", not signed by enough keys yet");
  show_missing(output, ceremony, file);
  if (context.json())
    output.record(ceremony_record(ceremony, absolute_path(file)));
  else
    output.result(file);
  return 0;
}

}  // namespace

Result<std::vector<trust::KeyFile>> fitting_keys(const Context& context, const Ceremony& ceremony) {
  auto keys = context.keyring().list();
  if (!keys) return keys;
  std::erase_if(*keys, [&ceremony](const trust::KeyFile& key) {
    return !ceremony.could_sign(key.public_key);
  });
  return keys;
}

Result<> sign_with(Context& context, Ceremony& ceremony, const std::vector<trust::KeyFile>& keys,
                   const std::string& passphrase_file) {
  const auto secrets = unlock_all(context, keys, passphrase_file);
  if (!secrets) return secrets.error();
  for (const auto& secret : *secrets)
    if (const auto is_signed = ceremony.sign(secret); !is_signed) return is_signed.error();
  return Done{};
}

Result<> add_online_keys(Daemon& daemon, trust::RootPlan& plan) {
  const auto keys =
      daemon.client.call<v1::OnlineKeysReply>("Publishers/OnlineKeys", v1::OnlineKeysRequest());
  if (!keys) return keys.error();
  const auto head = online_key(keys->head_key());
  if (!head) return head.error();
  plan.head = *head;
  plan.locators.clear();
  for (const auto& bytes : keys->locator_keys()) {
    const auto locator = online_key(bytes);
    if (!locator) return locator.error();
    plan.locators.push_back(*locator);
  }
  return Done{};
}

Result<int> submit_or_keep(Context& context, Daemon& daemon, const Ceremony& ceremony,
                           const Destination& destination) {
  if (ceremony.draft().is_complete()) return submit(context, daemon, ceremony, destination);
  return keep(context, ceremony, destination.file);
}

Result<int> submit(Context& context, Daemon& daemon, const Ceremony& ceremony,
                   const Destination& destination) {
  v1::SubmitRootRequest request;
  request.set_bundle(std::string(as_text(ceremony.encode())));
  request.set_petname(destination.petname);
  const auto reply = daemon.client.call<v1::SubmitRootReply>("Publishers/SubmitRoot", request);
  if (!reply) return reply.error();
  const auto& publisher = reply->publisher();
  show_submitted(context.output(), *reply, ceremony);
  if (context.json())
    context.output().record(publisher_record(publisher));
  else
    context.output().result(publisher.id());
  // The root counts by now: what fails from here on can be done again by itself.
  const auto placed = sign_anchors_at_hand(context, daemon, ceremony.root(), publisher.petname(),
                                           destination.passphrase_file);
  if (!placed)
    return Error{placed.error().code, placed.error().message,
                 "again, with the root as it is:  owrd publisher anchor " + publisher.petname()};
  return 0;
}

}  // namespace owrd::cli
