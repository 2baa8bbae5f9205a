#include "tests/conformance/vector_cases.h"

#include <functional>

#include "daemon/release/attestation_list.h"
#include "daemon/release/bundle.h"
#include "daemon/release/record_file.h"
#include "tests/support/made_feed.h"

namespace owrd::conformance {
namespace {

using release::Announced;
using release::MadeFeed;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kNow = MadeFeed::kStart + 3600;

/// acme, with a release, as everybody knows it.
MadeFeed acme() {
  MadeFeed publisher("acme");
  publisher.list("atlas", "1.0.0", 1);
  return publisher;
}

v1::Bundle bundle_of(const std::vector<Bytes>& roots) {
  v1::Bundle bundle;
  for (const auto& root : roots) bundle.add_roots(std::string(as_text(root)));
  return bundle;
}
Bytes owrp(const std::vector<Bytes>& roots) { return release::encode_bundle(bundle_of(roots)); }
Bytes owrp(const std::vector<Bytes>& roots, const Announced& announced) {
  auto bundle = bundle_of(roots);
  bundle.set_head(std::string(as_text(announced.head.envelope().raw)));
  bundle.set_feed(std::string(as_text(announced.feed)));
  if (!announced.attestations.empty())
    bundle.set_attestations(std::string(as_text(announced.attestations)));
  return release::encode_bundle(bundle);
}
Bytes owrp(const MadeFeed& publisher, const Announced& announced) {
  return owrp(publisher.roots, announced);
}

/// A head over these bytes, whatever they hold.
Announced announce(const MadeFeed& publisher, std::uint64_t sequence, Bytes feed,
                   const std::function<void(trust::NewHead&)>& change = {}, int signer = 21) {
  trust::NewHead what{publisher.id(),
                      sequence,
                      publisher.now,
                      publisher.now + trust::kHeadLifeSeconds,
                      publisher.chain().newest().version(),
                      release::describe_file(feed),
                      {},
                      release::derive_feed_torrent(publisher.id(), feed, {}).infohash};
  if (change) change(what);
  return {*trust::Head::parse(trust::make_head(what, publisher.key(signer))), std::move(feed), {}};
}

Bytes attestations_by(const MadeFeed& publisher, int mirror) {
  const auto attestation = trust::make_attestation(
      {"archive", publisher.id(), trust::digest_of(1), trust::digest_of(101), publisher.now, 1000},
      publisher.key(mirror));
  return release::encode_attestations({*trust::Attestation::verify(attestation)});
}

/// Collects cases; each begins with head 1 of acme as what is known.
class Cases {
 public:
  void add(const std::string& name, const std::string& readme, Bytes known, Bytes offered,
           std::string expected, std::int64_t now = kNow) {
    all.push_back({name, readme, std::move(known), std::move(offered), now, std::move(expected)});
  }
  std::vector<VectorCase> all;
};

void add_good(Cases& cases) {
  auto publisher = acme();
  const auto pinned = owrp(publisher.roots);
  const auto first = publisher.announce();
  const auto known = owrp(publisher, first);
  cases.add("first-head",
            "Only root 1 is known. The first head, and the feed that it pins, are believed: the "
            "head key of root 1 has signed.",
            pinned, known, "head 1 of root 1, fresh");

  publisher.list("atlas", "1.1.0", 2);
  publisher.attestations = attestations_by(publisher, 41);
  cases.add("update",
            "A newer head. Its feed begins with all of the one before and lists one release more, "
            "and beside it a mirror's attestation has come.",
            known, owrp(publisher, publisher.announce()), "head 2 of root 1, fresh");

  auto rotated = acme();
  rotated.announce();
  rotated.plan.root = {{rotated.named(4), rotated.named(5)}, 2};
  rotated.rotate({1, 2, 4, 5});
  cases.add("root-rotation",
            "Root 2 has other root keys and is signed by the thresholds of both. Its head is "
            "believed together with it.",
            known, owrp(rotated, rotated.announce()), "head 2 of root 2, fresh");

  auto stolen = acme();
  const auto last = stolen.announce_as(trust::kLastSequence);
  auto recovered = acme();
  recovered.plan.head = recovered.key(22).public_key();
  recovered.rotate();
  cases.add("fast-forward-recovery",
            "A thief of the head key has used up all sequences, up to 2^53. Root 2 gives the head "
            "key to another: what the old one said of sequences counts no more (TUF 1.0.34 section "
            "5.3.11), and head 1 of the new key is believed.",
            owrp(stolen, last), owrp(recovered, recovered.announce(22)), "head 1 of root 2, fresh");
}

void add_expired(Cases& cases) {
  const auto known = [] {
    auto publisher = acme();
    return owrp(publisher, publisher.announce());
  }();
  auto late = acme();
  late.announce();
  cases.add("head-expired",
            "The head is newer than what is known, and has expired. It is believed, so that nobody "
            "can go back behind it, but what it says is not fresh.",
            known, owrp(late, late.announce()), "head 2 of root 1, expired",
            MadeFeed::kStart + trust::kHeadLifeSeconds);

  auto expired = acme();
  expired.announce();
  expired.plan.expires = MadeFeed::kStart - 100;
  expired.rotate();
  cases.add("root-expired",
            "The newest root has expired. It is taken and its head is believed; what it says is "
            "not fresh.",
            known, owrp(expired, expired.announce()), "head 2 of root 2, expired");

  expired.plan.expires = MadeFeed::kStart + 365 * kDay;
  expired.rotate();
  cases.add("root-expired-in-between",
            "Root 2 has expired, root 3 follows it and has not. Only the newest root's expiry "
            "counts.",
            known, owrp(expired, expired.announce()), "head 3 of root 3, fresh");
}

void add_heads(Cases& cases) {
  auto publisher = acme();
  const auto first = publisher.announce();
  const auto known_first = owrp(publisher, first);
  publisher.list("atlas", "1.1.0", 2);
  const auto second = publisher.announce();
  const auto known = owrp(publisher, second);
  cases.add("rollback_fail", "A head of an earlier sequence, validly signed.", known,
            owrp(publisher, first), "head 1 is not newer than what is known");

  auto elsewhere = acme();
  elsewhere.list("atlas", "1.1.0", 9);
  cases.add("same-sequence-forked_fail",
            "Another head of the sequence that is known. One of the two is a lie: both are kept as "
            "evidence.",
            known, owrp(elsewhere, elsewhere.announce_as(2)),
            "the publisher signed two different heads of sequence 2");
  cases.add(
      "feed-rewritten_fail",
      "A newer head, validly signed, of a feed that lists another release in the place of one "
      "that is known. A feed is append-only: both heads are kept as evidence.",
      known, owrp(elsewhere, elsewhere.announce_as(3)),
      "the feed of head 3 takes back what the feed of head 2 said");
  cases.add(
      "feed-shortened_fail",
      "A newer head, validly signed, of the feed without its last record. So a notice could be "
      "suppressed.",
      known, owrp(publisher, announce(publisher, 3, first.feed)),
      "the feed of head 3 takes back what the feed of head 2 said");
  cases.add("wrong-head-key_fail", "The head is signed by a release key, which is no head key.",
            known, owrp(publisher, publisher.announce_as(3, 11)),
            "head: it is signed by the key " +
                trust::fingerprint(publisher.key(11).public_key().id()) +
                ", which is not the head key of root version 1 of acme");
  auto flipped = trust::decode(second.head.envelope().raw);
  flipped.mutable_signatures(0)->mutable_signature()->back() ^= 1;
  cases.add("wrong-signature_fail", "One bit of the signature is another.", known_first,
            owrp(publisher, {*trust::Head::parse(trust::encode(flipped)), second.feed, {}}),
            "head: the signature by the head key of root version 1 of acme is not valid");
  cases.add("issued-in-future_fail",
            "The head was issued more than a day from now. A thief could else sign heads for times "
            "in which the key is his no more.",
            known,
            owrp(publisher, announce(publisher, 3, second.feed,
                                     [](trust::NewHead& head) {
                                       head.issued += 10 * kDay;
                                       head.expires += 10 * kDay;
                                     })),
            "head 3 was issued on 2026-10-01T14:13:20Z, which is still to come: its publisher's "
            "clock or this one is wrong");
  MadeFeed other("initech", 60);
  cases.add("other-publisher_fail", "The head and the feed are another publisher's.", known_first,
            owrp(publisher.roots, other.announce()), "the head is of another publisher");

  auto oversized = bundle_of(publisher.roots);
  oversized.set_head(std::string(1025, 'h'));
  oversized.set_feed("f");
  cases.add("head-oversized_fail",
            "The head has 1,025 bytes; 1,024 are the most, which is looked at before it is parsed.",
            known, release::encode_bundle(oversized), "bundle: holds a head that is too long");
}

void add_mixed(Cases& cases) {
  auto publisher = acme();
  const auto first = publisher.announce();
  const auto known = owrp(publisher, first);
  publisher.attestations = attestations_by(publisher, 41);
  publisher.list("atlas", "1.1.0", 2);
  const auto second = publisher.announce();
  cases.add("mix-and-match_fail",
            "A newer head together with the feed of the one before, each validly signed or pinned.",
            known, owrp(publisher, {second.head, first.feed, second.attestations}),
            "the feed of head 2 is not the one that it pins");
  cases.add("attestations-swapped_fail",
            "The file of attestations is another than the head pins, though each in it is valid.",
            known, owrp(publisher, {second.head, second.feed, attestations_by(publisher, 42)}),
            "the list of attestations of head 2 is not the one that it pins");
  cases.add(
      "infohash-swapped_fail",
      "The head names another torrent than follows from the bytes that it pins.", known,
      owrp(publisher, announce(publisher, 2, second.feed,
                               [](trust::NewHead& head) { head.infohash = trust::digest_of(9); })),
      "the infohash of head 2 is not the one that it pins");

  auto twice = publisher.feed->bytes();
  auto record = MadeFeed::listing("atlas", "1.0.0", 3);
  record.set_added(publisher.now);
  release::append_record(twice, as_bytes(record.SerializeAsString()));
  cases.add("version-listed-twice_fail",
            "The feed lists one version twice, with two release ids. A version is written once.",
            known, owrp(publisher, announce(publisher, 2, twice)),
            "record 3 of the feed: feed: \"atlas:1.0.0\" is listed already: a version is written "
            "once");
}

void add_roots(Cases& cases) {
  auto publisher = acme();
  const auto known = owrp(publisher, publisher.announce());
  auto rotated = acme();
  rotated.announce();
  const auto by_first = rotated.announce();
  rotated.plan.head = rotated.key(22).public_key();
  rotated.rotate();
  const auto by_second = rotated.announce(22);
  const auto known_rotated = owrp(rotated, by_second);
  cases.add(
      "by-former-root_fail",
      "The head is validly signed for root 1, and root 2 is known, which has another head key.",
      known_rotated, owrp({rotated.roots.front()}, by_first),
      "head 2 is by root 1, but root 2 is known: it is out of date");
  cases.add("former-head-key_fail",
            "The head is for root 2, and signed by the head key of root 1, which root 2 has "
            "replaced.",
            known_rotated, owrp(rotated, rotated.announce_as(9, 21)),
            "head: it is signed by the key " +
                trust::fingerprint(rotated.key(21).public_key().id()) +
                ", which is not the head key of root version 2 of acme");
  cases.add(
      "root-not-in-feed_fail",
      "Root 2 has come, and its head pins a feed in which it is missing: whoever gets only the "
      "feed would not have it.",
      known, owrp(rotated, announce(rotated, 4, publisher.feed->bytes(), {}, 22)),
      "the newest root in the feed of head 4 is not the one that it pins");

  rotated.rotate();
  cases.add("root-skipped_fail",
            "Root 3 comes without root 2. Each root follows the one before it.", known,
            owrp({rotated.roots[0], rotated.roots[2]}),
            "root version 2: version 3 does not follow version 1");
  auto forged = acme();
  forged.rotate({1, 3});
  auto below = trust::decode(forged.roots.back());
  below.mutable_signatures()->RemoveLast();
  cases.add(
      "root-below-threshold_fail", "Root 2 is signed by one key of two that must sign.", known,
      owrp({forged.roots[0], trust::encode(below)}),
      "root version 2 of acme: by the root keys of version 1, 1 of the 2 needed signatures are "
      "valid");
  cases.add("root-forked_fail",
            "Another root 2 than the one that is known, validly signed. Both are kept as evidence.",
            known_rotated, owrp(forged, forged.announce_as(9)),
            "the publisher signed two different roots of version 2");
}

std::string name_of(release::Freshness freshness) {
  switch (freshness) {
    case release::Freshness::None:
      return "none";
    case release::Freshness::Fresh:
      return "fresh";
    case release::Freshness::Stale:
      return "stale";
    case release::Freshness::Expired:
      return "expired";
  }
  return "";
}

Result<trust::RootChain> chain_of(const v1::Bundle& bundle) {
  std::vector<Bytes> roots;
  for (const auto& root : bundle.roots()) roots.push_back(to_bytes(root));
  return trust::RootChain::verify(roots);
}

}  // namespace

std::vector<VectorCase> make_vector_cases() {
  Cases cases;
  add_good(cases);
  add_expired(cases);
  add_heads(cases);
  add_mixed(cases);
  add_roots(cases);
  return cases.all;
}

std::string judge_vector(const Bytes& known_bytes, const Bytes& offered_bytes, std::int64_t now) {
  const auto pinned = release::parse_bundle(known_bytes);
  if (!pinned) return "what is known: " + pinned.error().message;
  const auto roots = chain_of(*pinned);
  if (!roots) return "what is known: " + roots.error().message;
  release::KnownFeed known{*roots};
  if (!pinned->head().empty()) {
    known.head = *trust::Head::parse(as_bytes(pinned->head()));
    known.feed = *release::Feed::parse(as_bytes(pinned->feed()));
  }

  const auto offered = release::parse_bundle(offered_bytes);
  if (!offered) return offered.error().message;
  const auto chain = chain_of(*offered);
  if (!chain) return chain.error().message;
  const auto joined = release::join_roots(known.roots, *chain);
  if (!joined.roots) return joined.fork->detail;
  const auto head = trust::Head::parse(as_bytes(offered->head()));
  if (!head) return head.error().message;
  const auto first = release::judge_head(known, *head, now);
  if (first.error) return first.error->message;
  auto verdict = release::judge_feed(known, *head, as_bytes(offered->feed()),
                                     as_bytes(offered->attestations()), now);
  if (!verdict.news) return verdict.error->message;
  const release::KnownFeed news{verdict.news->roots, verdict.news->head};
  return "head " + std::to_string(news.head->sequence()) + " of root " +
         std::to_string(news.roots.newest().version()) + ", " +
         name_of(release::freshness_of(news, now).freshness);
}

std::vector<std::pair<std::string, std::string>> files_of(const VectorCase& each) {
  return {{"README.md", each.readme + "\n"},
          {"known.owrp", std::string(as_text(each.known))},
          {"offered.owrp", std::string(as_text(each.offered))},
          {"now", std::to_string(each.now) + "\n"},
          {each.name.ends_with("_fail") ? "reason" : "result", each.expected + "\n"}};
}

}  // namespace owrd::conformance
