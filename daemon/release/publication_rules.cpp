#include "daemon/release/publication_rules.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/release/components.h"
#include "daemon/release/evaluation.h"
#include "daemon/release/inheritance.h"
#include "daemon/release/label.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/license_text.h"
#include "daemon/release/lineage.h"

namespace owrd::release {
namespace {

// A rounded number, "7B" for 7.24 billion, is no contradiction.
constexpr std::uint64_t kTolerancePercent = 5;

class Refusals {
 public:
  Refusals(const v1::Manifest& manifest, const PublicationFacts& facts)
      : manifest_(manifest), facts_(facts) {}

  std::vector<Refusal> find() {
    check_weights();
    check_terms();
    check_license_text();
    check_audience();
    check_declared_grants();
    check_use();
    check_card();
    check_parameters();
    check_lineage();
    check_components();
    check_label();
    return std::move(out_);
  }

 private:
  void refuse(const char* name, const std::string& what, const std::string& hint) {
    out_.push_back({name, Error{ErrorCode::InvalidInput, what, hint}});
  }

  void check_weights() {
    for (const auto& path : facts_.lfs_pointers)
      refuse("lfs-pointer",
             "LFS pointer: " + quoted(path) + " holds the address of weights, not the weights",
             "git lfs pull, then publish again");
    const bool has_weights = has_file_of(manifest_, v1::FILE_ROLE_WEIGHTS);
    if (has_weights && facts_.recognised_weight_files.value_or(1) > 0) return;
    if (has_weights)
      refuse("no-weights", "no weights: none of the weight files holds tensors",
             "put the weights into the directory, as safetensors or GGUF");
    else if (has_file_of(manifest_, v1::FILE_ROLE_CODE))
      refuse("source-only", "source-only release: it has code and no weights",
             "put the trained weights beside the code; owrd label --assess judges what has none");
    else if (!facts_.api_endpoints.empty())
      refuse("api-only",
             "API-only release: " + quoted(facts_.api_endpoints.front()) +
                 " is served, and no weights are in the release",
             "publish the weights themselves: a hosted model is no open-weight release");
    else
      refuse("no-weights", "no weights: no file of the release has the role WEIGHTS",
             "put the weights into the directory, as safetensors or GGUF");
  }

  void check_terms() {
    const auto& license = manifest_.license();
    const auto terms = classify_license(license.spdx_expression());
    const bool is_known = terms.license_class != LicenseClass::Unknown;
    const auto redistribute =
        is_known ? terms.grants.redistribute : license.grants().redistribute();
    if (redistribute == v1::ANSWER_NO)
      refuse("proprietary",
             "proprietary release: " + license.spdx_expression() + " does not grant redistribution",
             "choose a licence that lets people pass the weights on");
    else if (!is_known && license.text_path().empty())
      refuse("proprietary",
             "proprietary release: nobody can know the terms of " + license.spdx_expression() +
                 ", because their text is not in the release",
             "put the text into a file LICENSE of the release");
  }

  void check_license_text() {
    const auto& license = manifest_.license();
    if (may_be_text_of(facts_.license_text, license.spdx_expression())) return;
    refuse("license-text",
           "licence text: " + quoted(license.text_path()) + " is the text of " +
               std::string(recognise_license(facts_.license_text)) + ", the manifest says " +
               license.spdx_expression(),
           "name the licence that the text is of, or put the right text there");
  }

  void check_audience() {
    const auto& audiences = manifest_.audiences();
    const bool is_commercial = std::find(audiences.begin(), audiences.end(),
                                         int{v1::AUDIENCE_COMMERCIAL}) != audiences.end();
    const auto& license = manifest_.license();
    const auto terms = classify_license(license.spdx_expression());
    const auto commercial = terms.grants.commercial == v1::ANSWER_UNSTATED
                                ? license.grants().commercial()
                                : terms.grants.commercial;
    if (is_commercial && commercial == v1::ANSWER_NO)
      refuse("audience-license",
             "audience against licence: the release is meant for commercial use, which " +
                 license.spdx_expression() + " does not grant",
             "take \"commercial\" from the audience, or choose another licence");
  }

  void check_declared_grants() {
    if (const auto checked = check_grants(manifest_.license()); !checked)
      out_.push_back({"grant-mismatch", checked.error()});
  }

  void check_use() {
    const auto& use = manifest_.use();
    if (!use.none_declared()) return;
    const auto& license = manifest_.license().spdx_expression();
    const auto terms = classify_license(license);
    std::string what;
    if (use.items_size() > 0 || !use.policy_path().empty())
      what = "the manifest lists some";
    else if (terms.grants.commercial == v1::ANSWER_NO)
      what = license + " forbids commercial use";
    else if (terms.flags.field_of_use)
      what = license + " forbids some uses";
    else if (terms.flags.user_threshold || terms.flags.region_limit)
      what = license + " excludes some users";
    if (!what.empty())
      refuse("use-mismatch", "use restrictions: none are said to be, but " + what,
             "list them in release.toml, or take the statement out");
  }

  void card_mismatch(const std::string& what) {
    refuse("card-mismatch", "card contradicts manifest: " + what,
           "make the front matter of the model card and release.toml say the same");
  }

  void check_card() {
    if (!facts_.card) return;
    const auto& card = *facts_.card;
    check_card_license(card);
    for (const auto& model : card.base_models)
      if (!has_parent(model))
        card_mismatch("the card names the base model " + quoted(model) +
                      ", which derived_from does not");
    if (manifest_.data().datasets_size() == 0) return;
    for (const auto& dataset : card.datasets)
      if (!has_dataset(dataset))
        card_mismatch("the card names the dataset " + quoted(dataset) +
                      ", which the data information does not");
  }

  void check_card_license(const CardFacts& card) {
    const auto& own = manifest_.license();
    const auto lower = ascii_lower(card.license);
    if (lower.empty() || lower == "unknown") return;
    if (lower == "other") {
      const bool is_same =
          card.license_name.empty() || card.license_name == own.name() ||
          ascii_lower(own.spdx_expression()).ends_with("-" + ascii_lower(card.license_name)) ||
          (own.name().empty() && has_unknown_terms());
      if (!is_same)
        card_mismatch("the card names the licence " + quoted(card.license_name) +
                      ", the manifest " + own.spdx_expression());
      return;
    }
    const auto known = spdx_of_hugging_face(card.license);
    const auto expected = known.empty() ? card.license : known;
    if (ascii_lower(expected) == ascii_lower(own.spdx_expression())) return;
    // "bsd", "cc", "gpl": a family, whose members the manifest names more exactly.
    if (known.empty() && ascii_lower(own.spdx_expression()).starts_with(lower + "-")) return;
    // An expression of several licences has no word in a card; naming one of them is enough.
    const auto& expression = own.spdx_expression();
    if (expression.find(' ') != std::string::npos && expression.find(expected) != std::string::npos)
      return;
    card_mismatch("the card names the licence " + quoted(card.license) + ", the manifest " +
                  own.spdx_expression());
  }

  bool has_unknown_terms() const {
    return classify_license(manifest_.license().spdx_expression()).license_class ==
           LicenseClass::Unknown;
  }

  /// "acme/atlas" is also found in "pkg:huggingface/acme/atlas@…".
  static bool names(std::string_view text, std::string_view name) {
    return ascii_lower(text).find(ascii_lower(name)) != std::string::npos;
  }

  bool has_parent(std::string_view name) const {
    return std::any_of(manifest_.derived_from().begin(), manifest_.derived_from().end(),
                       [&](const v1::Lineage& parent) {
                         return names(parent.name(), name) || names(parent.purl(), name);
                       });
  }

  bool has_dataset(std::string_view name) const {
    const auto& datasets = manifest_.data().datasets();
    return std::any_of(datasets.begin(), datasets.end(), [&](const v1::Dataset& dataset) {
      return names(dataset.name(), name) || names(dataset.url(), name);
    });
  }

  void check_parameters() {
    const auto total = manifest_.architecture().parameters_total();
    const auto active = manifest_.architecture().parameters_active();
    if (total != 0 && active > total)
      refuse("parameter-count",
             "parameter count: " + std::to_string(active) + " are active of " +
                 std::to_string(total) + " in total",
             "correct parameters_active in release.toml");
    if (total == 0 || !facts_.tensor_parameters) return;
    const auto counted = *facts_.tensor_parameters;
    const auto difference = total > counted ? total - counted : counted - total;
    if (difference <= counted / 100 * kTolerancePercent) return;
    refuse("parameter-count",
           "parameter count: the manifest says " + std::to_string(total) +
               ", the tensors of the weight files have " + std::to_string(counted),
           "set parameters_total to " + std::to_string(counted) + " in release.toml");
  }

  void check_lineage() {
    for (int i = 0; i < manifest_.derived_from_size(); ++i)
      check_parent(manifest_.derived_from(i), static_cast<std::size_t>(i));
  }

  void check_parent(const v1::Lineage& parent, std::size_t i) {
    const auto where = "derived_from[" + std::to_string(i) + "]";
    if (parent.name().empty() && parent.purl().empty() && parent.release_id().empty())
      return refuse("lineage", where + ": does not say of which model",
                    "give a name, a package URL such as pkg:huggingface/acme/atlas, or a release");
    const auto known =
        i < facts_.parent_licenses.size() ? facts_.parent_licenses[i] : std::string();
    if (!known.empty() && !parent.license().empty() && known != parent.license())
      refuse("lineage",
             where + ": says that " + name_of(parent) + " is under " + parent.license() +
                 ", but its own manifest says " + known,
             "correct the licence in release.toml");
    const auto& license = known.empty() ? parent.license() : known;
    if (license.empty()) return;
    const auto fault =
        find_inheritance_fault(license, parent.relation(), manifest_.license(), manifest_.use());
    if (fault)
      refuse("terms-not-passed-through",
             where + ": the terms of " + name_of(parent) + " are not kept: " + *fault,
             "choose a licence that carries them on, or state the restrictions in release.toml");
  }

  void check_components() {
    auto implied = manifest_;
    implied.clear_components();
    for (const auto& component : manifest_.components()) {
      const auto said = component_state(implied, component.kind()).availability;
      if (said == v1::AVAILABILITY_UNSTATED || said == component.availability()) continue;
      refuse("component-mismatch",
             "component " + quoted(to_string(component.kind())) + ": is said to be " +
                 std::string(to_string(component.availability())) +
                 ", and elsewhere in the manifest " + std::string(to_string(said)),
             "say it once in release.toml");
    }
  }

  void check_label() {
    if (facts_.stated_label.empty()) return;
    const auto computed = to_string(label_of(manifest_).label);
    if (facts_.stated_label == computed) return;
    refuse("label-mismatch",
           "label: " + quoted(facts_.stated_label) + " is stated, but what the release has makes " +
               std::string(computed),
           "owrd label --why says what is lacking; a label is computed and need not be stated");
  }

  const v1::Manifest& manifest_;
  const PublicationFacts& facts_;
  std::vector<Refusal> out_;
};

int rank(v1::Stage stage) {
  return stage == v1::STAGE_UNSPECIFIED ? int{v1::STAGE_PUBLIC} : int{stage};
}

}  // namespace

std::vector<Refusal> find_refusals(const v1::Manifest& manifest, const PublicationFacts& facts) {
  return Refusals(manifest, facts).find();
}

Result<> check_publication(const v1::Manifest& manifest, const PublicationFacts& facts) {
  const auto refusals = find_refusals(manifest, facts);
  if (refusals.empty()) return Done{};
  return refusals.front().error;
}

Result<> check_promotion(v1::Stage from, v1::Stage to) {
  if (rank(to) > rank(from)) return Done{};
  return Error{ErrorCode::InvalidInput,
               "stage: a release that is " + std::string(to_string(from)) + " cannot become " +
                   std::string(to_string(to)),
               "stages go forward only: draft, pre-release, staged, public, deprecated"};
}

std::string_view to_string(v1::Stage stage) {
  switch (stage) {
    case v1::STAGE_DRAFT:
      return "draft";
    case v1::STAGE_PRE_RELEASE:
      return "pre-release";
    case v1::STAGE_STAGED:
      return "staged";
    case v1::STAGE_DEPRECATED:
      return "deprecated";
    default:
      return "public";
  }
}

std::optional<v1::Stage> stage_of(std::string_view name) {
  for (const auto stage : {v1::STAGE_DRAFT, v1::STAGE_PRE_RELEASE, v1::STAGE_STAGED,
                           v1::STAGE_PUBLIC, v1::STAGE_DEPRECATED})
    if (to_string(stage) == name) return stage;
  return std::nullopt;
}

std::string_view to_string(v1::Audience audience) {
  switch (audience) {
    case v1::AUDIENCE_ANY:
      return "any";
    case v1::AUDIENCE_ACADEMIC:
      return "academic";
    case v1::AUDIENCE_RESEARCH:
      return "research";
    case v1::AUDIENCE_INDIVIDUAL:
      return "individual";
    case v1::AUDIENCE_COMMERCIAL:
      return "commercial";
    case v1::AUDIENCE_GOVERNMENT:
      return "government";
    default:
      return "other";
  }
}

}  // namespace owrd::release
