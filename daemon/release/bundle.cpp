#include "daemon/release/bundle.h"

#include <optional>
#include <string>

#include "daemon/core/text.h"
#include "daemon/release/feed_update.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/head.h"

namespace owrd::release {
namespace {

constexpr std::string_view kMagic = "owrd-bundle-1\n";
constexpr std::string_view kMagicOfAnyVersion = "owrd-bundle-";
constexpr int kMaxRoots = 256;

constexpr auto kFetchAgain = "fetch the file again, from where it came from";

Error invalid(const std::string& what, const std::string& hint = kFetchAgain) {
  return Error{ErrorCode::InvalidInput, "bundle: " + what, hint};
}
/// Whole, but breaking the rules: another copy of it would be no better.
Error not_ours(const std::string& what) {
  return invalid(what, "owrd writes no such file: ask the publisher for another one");
}

Result<> check_magic(std::string_view text) {
  if (text.starts_with(kMagic)) return Done{};
  if (kMagic.starts_with(text))
    return invalid("is cut short after " + std::to_string(text.size()) + " bytes");
  if (text.starts_with("owrd-bundle-1\r\n"))
    return invalid("was damaged by a transfer in text mode (its line ends were changed)",
                   "transfer the file again, in binary mode");
  if (text.starts_with(kMagicOfAnyVersion))
    return Error{ErrorCode::InvalidInput,
                 "bundle: has a format that this version of owrd does not know",
                 "install a newer owrd"};
  return invalid("is not an owrd bundle (its first line is not owrd-bundle-1)",
                 "name a file that owrd bundle (.owr) or owrd publisher export (.owrp) wrote");
}

/// Walks the fields of a Bundle's wire form without believing them, to tell why one is not whole.
/// Every field of it is length-delimited and not empty, they come in ascending order, and only
/// roots, peers and trackers come more than once.
class Walker {
 public:
  Walker(std::string_view wire, std::size_t offset) : rest_(wire), offset_(offset) {}

  Result<> walk() {
    while (!rest_.empty())
      if (auto read = read_field(); !read) return read;
    return Done{};
  }

 private:
  static constexpr int kLastField = 8;
  static bool is_text(int field) { return field == 3 || field == 4; }
  static bool is_repeated(int field) { return field == 1 || is_text(field); }

  Result<> read_field() {
    const auto tag = static_cast<unsigned char>(rest_.front());
    const int field = tag >> 3;
    const bool is_known = field >= 1 && field <= kLastField && (tag & 7) == 2;
    if (!is_known || field < last_field_ || (field == last_field_ && !is_repeated(field)))
      return unexpected();
    last_field_ = field;
    advance(1);
    const auto length = read_length();
    if (!length) return length.error();
    if (*length > rest_.size()) return cut_short();
    const auto value = rest_.substr(0, static_cast<std::size_t>(*length));
    if (is_text(field) && !is_valid_utf8(value)) return invalid("holds text that is not UTF-8");
    advance(static_cast<std::size_t>(*length));
    return Done{};
  }

  // A field of more than 2^28 bytes cannot be in a bundle; four bytes hold less.
  Result<std::uint64_t> read_length() {
    std::uint64_t length = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      if (rest_.empty()) return cut_short();
      const auto byte = static_cast<unsigned char>(rest_.front());
      if (byte == 0) return unexpected();
      advance(1);
      length |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return length;
    }
    return unexpected();
  }

  void advance(std::size_t bytes) {
    rest_.remove_prefix(bytes);
    offset_ += bytes;
  }

  Error unexpected() const {
    const auto place = " at byte " + std::to_string(offset_);
    if (last_field_ == 0) return invalid("holds no bundle after its first line: garbage" + place);
    return invalid("has trailing bytes or is damaged" + place);
  }
  Error cut_short() const {
    return invalid("is cut short: its last part does not end within the " +
                   std::to_string(offset_ + rest_.size()) + " bytes that are there");
  }

  std::string_view rest_;
  std::size_t offset_;
  int last_field_ = 0;
};

Result<> check_feed(const v1::Bundle& bundle) {
  const bool has_head = !bundle.head().empty();
  const bool has_feed = !bundle.feed().empty();
  if ((has_feed && !has_head) || (!has_feed && !bundle.attestations().empty()))
    return not_ours("holds a part of a feed without the rest");
  if (bundle.head().size() > trust::envelope_limit_bytes(trust::PayloadKind::Head))
    return not_ours("holds a head that is too long");
  if (bundle.feed().size() > trust::kFeedLimitBytes) return not_ours("holds a feed over 16 MiB");
  if (bundle.attestations().size() > trust::kAttestationsLimitBytes)
    return not_ours("holds attestations over 4 MiB");
  return Done{};
}

Result<> check_envelopes(const v1::Bundle& bundle) {
  if (bundle.roots().empty() && bundle.draft().empty())
    return not_ours("holds no publisher's root");
  if (bundle.roots_size() > kMaxRoots) return not_ours("holds more than 256 roots");
  for (const auto& root : bundle.roots())
    if (root.size() > trust::envelope_limit_bytes(trust::PayloadKind::Root))
      return not_ours("holds a root that is too long");
  if (bundle.manifest().size() > trust::envelope_limit_bytes(trust::PayloadKind::Manifest))
    return not_ours("holds a manifest that is too long");
  if (bundle.draft().size() > trust::envelope_limit_bytes(trust::PayloadKind::Root))
    return not_ours("holds a draft of a root that is too long");
  return check_feed(bundle);
}

Result<> check_hints(const v1::Bundle& bundle) {
  if (bundle.peers_size() > kMaxPeers) return not_ours("names more than 50 peers");
  if (bundle.trackers_size() > kMaxTrackers) return not_ours("names more than 32 trackers");
  for (const auto& peer : bundle.peers())
    if (auto checked = check_endpoint(peer); !checked) return not_ours(checked.error().message);
  for (const auto& tracker : bundle.trackers())
    if (auto checked = check_tracker(tracker); !checked) return not_ours(checked.error().message);
  return Done{};
}

}  // namespace

Result<v1::Bundle> parse_bundle(ByteView bytes) {
  const auto text = as_text(bytes);
  if (auto checked = check_magic(text); !checked) return checked.error();
  if (bytes.size() > kBundleLimitBytes) return not_ours("is longer than 32 MiB");
  const auto wire = text.substr(kMagic.size());
  if (auto walked = Walker(wire, kMagic.size()).walk(); !walked) return walked.error();

  v1::Bundle bundle;
  if (!bundle.ParseFromArray(wire.data(), static_cast<int>(wire.size())))
    return invalid("is not a protobuf message");
  if (auto checked = check_envelopes(bundle); !checked) return checked.error();
  if (auto checked = check_hints(bundle); !checked) return checked.error();
  return bundle;
}

Bytes encode_bundle(const v1::Bundle& bundle) {
  return to_bytes(std::string(kMagic) + bundle.SerializeAsString());
}

Result<trust::RootChain> roots_in(const v1::Bundle& bundle) {
  std::vector<Bytes> roots;
  for (const auto& root : bundle.roots()) roots.push_back(to_bytes(root));
  return trust::RootChain::verify(roots);
}

Result<> check_news_in(const v1::Bundle& bundle, const trust::RootChain& roots) {
  if (bundle.head().empty()) return Done{};
  const auto broken = [](const Error& error) {
    return Error{error.code, "bundle: its head does not hold: " + error.message, kFetchAgain};
  };
  const auto head = trust::Head::parse(as_bytes(bundle.head()));
  if (!head) return broken(head.error());
  if (head->publisher_id() != roots.publisher_id())
    return broken({ErrorCode::Untrusted, "it is of another publisher"});
  if (head->root_version() <= roots.roots().size())
    if (const auto verified = trust::verify_head(*head, roots.roots()[head->root_version() - 1]);
        !verified)
      return broken(verified.error());
  if (bundle.feed().empty()) return Done{};
  if (const auto pinned =
          check_pinned(*head, as_bytes(bundle.feed()), as_bytes(bundle.attestations()));
      !pinned)
    return Error{ErrorCode::Corrupt, "bundle: " + pinned.error().message, kFetchAgain};
  return Done{};
}

}  // namespace owrd::release
