#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "owrd/v1/release.pb.h"

/// What the terms of a licence are, as far as a table can know. It is no legal advice: the text of
/// the licence is what counts.
namespace owrd::release {

/// From the least to the most restrictive; what is unknown comes last.
enum class LicenseClass {
  Permissive,
  AttributionSharealike,
  Copyleft,
  ResponsibleUse,  ///< RAIL and its like: free but for listed uses.
  CommunityTerms,  ///< A vendor's own terms that allow most commercial use.
  Noncommercial,
  ResearchOnly,
  NoDerivatives,
  Proprietary,
  Unknown,
};
/// "permissive", "attribution-sharealike", …
std::string_view to_string(LicenseClass license_class);

struct LicenseFlags {
  bool acceptance_required = false;  ///< The terms bind by being accepted before use.
  bool field_of_use = false;         ///< Some uses are forbidden.
  bool pass_through = false;         ///< Derived works must carry the same terms or restrictions.
  bool user_threshold = false;       ///< From a number of users or a revenue on, other terms hold.
  bool naming_rule = false;          ///< Derived works must, or must not, bear a name.
  bool region_limit = false;         ///< Not granted in some countries.

  friend bool operator==(const LicenseFlags&, const LicenseFlags&) = default;
};

struct LicenseGrants {
  v1::Answer use = v1::ANSWER_UNSTATED;
  v1::Answer modify = v1::ANSWER_UNSTATED;
  v1::Answer redistribute = v1::ANSWER_UNSTATED;
  v1::Answer commercial = v1::ANSWER_UNSTATED;

  friend bool operator==(const LicenseGrants&, const LicenseGrants&) = default;
};

struct LicenseTerms {
  LicenseClass license_class = LicenseClass::Unknown;
  LicenseFlags flags;
  LicenseGrants grants;
  bool is_osi_approved = false;
  bool is_fsf_libre = false;
  bool is_open_data = false;
  bool is_open_model = false;  ///< OpenMDW.

  /// By the Model Openness Framework: approved by one of those.
  bool is_open() const { return is_osi_approved || is_fsf_libre || is_open_data || is_open_model; }
};

/// Of an SPDX expression, an SPDX id, a Hugging Face licence id or LicenseRef-hf-<id>. Of two
/// licences joined by AND the stricter class, all flags and the lesser grants hold; of two joined
/// by OR the less restrictive one, the first among equals. An exception after WITH only adds
/// permissions. What the table does not know, or cannot be read, is Unknown.
LicenseTerms classify_license(std::string_view expression);

/// Whether the terms are to be accepted before use: by the table, or because the publisher says so.
bool asks_for_acceptance(const v1::License& license);

/// The SPDX id of a Hugging Face licence id ("apache-2.0"), or LicenseRef-hf-<id> where SPDX has
/// none ("llama3.1"). Empty for "other", "unknown" and families such as "cc".
std::string spdx_of_hugging_face(std::string_view id);

/// The flags that are set, in words: "acceptance required", "field of use", ….
std::vector<std::string> flag_words(const LicenseFlags& flags);

}  // namespace owrd::release
