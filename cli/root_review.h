#pragma once

#include <string>
#include <vector>

#include "cli/ceremony.h"
#include "cli/output.h"

/// What a root says, for those who are asked to sign it.
namespace owrd::cli {

/// One thing that a root says, in a line: "root key", "k1 (3F7A 91C2 0B44 88E1)". Two roots say the
/// same when they have the same facts, whatever `shown` leaves out.
struct RootFact {
  std::string name;
  std::string shown;
  std::string exact;
};
/// All that a root says but its version, its time of issue and whose it is.
std::vector<RootFact> facts_of(const v1::Root& root);

/// The whole root and, after version 1, what it changes.
void show_root(Output& output, const Ceremony& ceremony);

/// Whose signatures are still missing, and how they come to be; nothing when none is. `file` is
/// where the ceremony is kept.
void show_missing(Output& output, const Ceremony& ceremony, const std::string& file);
/// "k2, k3 (1 more of them must sign)"; empty when none is missing.
std::string missing_text(const Ceremony& ceremony);

Json ceremony_record(const Ceremony& ceremony, const std::string& file);

}  // namespace owrd::cli
