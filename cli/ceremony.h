#pragma once

#include <optional>
#include <vector>

#include "cli/key_names.h"
#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/root_draft.h"
#include "daemon/trust/root_plan.h"

namespace owrd::cli {

/// A root on its way to enough signatures: the roots before it, and its draft. As a file it travels
/// among those who sign. Everything in it has been verified but the signatures that are missing.
class Ceremony {
 public:
  /// Begins with a draft that nobody has signed: of version 1, or of the one that follows `chain`.
  static Result<Ceremony> begin(const trust::RootPlan& plan, std::optional<trust::RootChain> chain);
  /// Reads a file; "-" is standard input.
  static Result<Ceremony> read(const std::string& path);

  const trust::RootDraft& draft() const { return draft_; }
  const v1::Root& root() const { return draft_.message; }
  /// Null when the draft is version 1.
  const trust::Root* previous() const { return chain_ ? &chain_->newest() : nullptr; }
  Digest publisher_id() const;

  /// It may and has not.
  bool could_sign(const trust::PublicKey& key) const;
  /// AlreadyExists when the key `name` has signed, Untrusted when it may not.
  Result<> check_signer(const trust::PublicKey& key, const std::string& name) const;
  Result<> sign(const trust::SecretKey& key);
  /// The file.
  Bytes encode() const;

 private:
  Ceremony(std::optional<trust::RootChain> chain, trust::RootDraft draft)
      : chain_(std::move(chain)), draft_(std::move(draft)) {}

  std::optional<trust::RootChain> chain_;
  trust::RootDraft draft_;
};

}  // namespace owrd::cli
