#include "tests/conformance/golden_objects.h"

#include "daemon/core/bencode.h"
#include "daemon/release/attestation_list.h"
#include "daemon/release/bundle.h"
#include "daemon/release/standing.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/mutable_item.h"
#include "daemon/trust/release_signers.h"
#include "tests/release/fixtures.h"
#include "tests/support/made_feed.h"

namespace owrd::conformance {
namespace {

using release::MadeFeed;

/// The arguments of BEP 44's put.
std::string encode_item(const trust::MutableItem& item) {
  Bencode::Dictionary put;
  put.emplace("k", std::string(as_text(item.key.bytes())));
  put.emplace("salt", item.salt);
  put.emplace("seq", item.sequence);
  put.emplace("sig", std::string(as_text(item.signature)));
  put.emplace("v", std::string(as_text(item.value)));
  return Bencode(std::move(put)).encode();
}
Result<trust::MutableItem> decode_item(const std::string& file) {
  const auto put = Bencode::parse(file);
  if (!put) return put.error();
  const auto key = trust::PublicKey::from_bytes(as_bytes(*put->find_text("k")));
  if (!key) return key.error();
  return trust::MutableItem{*key, *put->find_text("salt"), *put->find_number("seq"),
                            to_bytes(*put->find_text("v")), to_bytes(*put->find_text("sig"))};
}

/// acme: three root keys of which two sign, a scope, an anchor, a place on the web.
MadeFeed make_publisher() {
  return MadeFeed("acme", 0, [](MadeFeed& publisher) {
    publisher.plan.contacts = {"security@acme.example"};
    publisher.plan.scopes = {{{"atlas-*"}, {{publisher.named(13)}, 1}}};
    publisher.plan.anchors = {publisher.named(34)};
    publisher.plan.locations = {"https://acme.example/acme.owrp"};
  });
}

void add_release(MadeFeed& publisher, const release::Manifest& manifest,
                 const release::Torrent& torrent) {
  v1::FeedRecord record;
  auto& listed = *record.mutable_release();
  listed.set_model(manifest.model());
  listed.set_version(manifest.version());
  listed.set_release_id(manifest.release_id().to_field());
  listed.set_infohash(torrent.infohash.to_field());
  listed.set_bytes(manifest.total_bytes());
  listed.set_license(manifest.license());
  listed.set_summary("A small model to test with");
  listed.add_trackers("udp://tracker.example:6969/announce");
  listed.add_peers("192.0.2.1:29170");
  publisher.append(record);
}

/// "name  value" in the order in which they are added.
class Lines {
 public:
  template <class T>
  const T* add(const std::string& name, const Result<T>& result,
               const std::function<std::string(const T&)>& text) {
    out_ += name + "  " + (result ? text(*result) : "refused: " + result.error().message) + "\n";
    return result ? &*result : nullptr;
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

std::string of_root(const trust::Root& root) {
  return "version " + std::to_string(root.version()) + ", payload " +
         root.payload_digest().to_hex() + ", " + std::to_string(root.signers().size()) + " signers";
}

}  // namespace

std::map<std::string, std::string> make_golden_objects() {
  auto publisher = make_publisher();
  auto message = release::testing::example_message();
  message.set_publisher_id(publisher.id().to_field());
  const auto manifest = *release::make_manifest(message);
  const auto proof =
      trust::seal(trust::PayloadKind::Manifest, manifest.payload(), {&publisher.key(11)});
  const auto torrent = release::derive_torrent(manifest, proof);
  add_release(publisher, manifest, torrent);
  publisher.append(MadeFeed::channel("atlas", "stable", "1.0.0"));
  const auto notice = publisher.notice(v1::NOTICE_KIND_ADVISORY, "atlas", "1.0.0", 12);
  publisher.append(notice);
  publisher.plan.release.keys.pop_back();
  publisher.plan.revoked[publisher.key(12).public_key().id()] = publisher.feed->records().size();
  publisher.rotate();
  const auto attestation =
      trust::make_attestation({"archive", publisher.id(), manifest.release_id(), torrent.infohash,
                               publisher.now, manifest.total_bytes()},
                              publisher.key(41));
  publisher.attestations = release::encode_attestations({*trust::Attestation::verify(attestation)});
  const auto announced = publisher.announce();

  v1::Bundle owrp;
  for (const auto& root : publisher.roots) owrp.add_roots(std::string(as_text(root)));
  auto owr = owrp;
  owrp.set_head(std::string(as_text(announced.head.envelope().raw)));
  owrp.set_feed(std::string(as_text(announced.feed)));
  owrp.set_attestations(std::string(as_text(announced.attestations)));
  owr.set_manifest(std::string(as_text(proof)));
  owr.add_peers("192.0.2.1:29170");
  owr.add_trackers("udp://tracker.example:6969/announce");
  const auto head_item = *trust::sign_mutable_item(publisher.key(31), trust::kHeadSalt, 1,
                                                   trust::encode_head_item(announced.head));
  const auto anchor_item = *trust::sign_mutable_item(
      publisher.key(34), trust::kAnchorSalt, 2,
      trust::encode_anchor_item(release::anchor_target(publisher.chain())));
  const auto text = [](ByteView bytes) { return std::string(as_text(bytes)); };
  return {{"root-1", text(publisher.roots[0])},
          {"root-2", text(publisher.roots[1])},
          {"release.owrd", text(proof)},
          {"head", text(announced.head.envelope().raw)},
          {"notice", notice.notice()},
          {"attestation", text(attestation)},
          {"feed.owrd", text(announced.feed)},
          {"attestations.owrd", text(announced.attestations)},
          {"acme.owrp", text(release::encode_bundle(owrp))},
          {"atlas.owr", text(release::encode_bundle(owr))},
          {"roots.owrp", text(release::encode_roots_file(publisher.chain()))},
          {"head.item", encode_item(head_item)},
          {"anchor.item", encode_item(anchor_item)}};
}

std::string describe_golden_objects(const std::map<std::string, std::string>& files) {
  const auto file = [&](const std::string& name) { return as_bytes(files.at(name)); };
  Lines lines;
  const auto chain = trust::RootChain::verify({to_bytes(file("root-1")), to_bytes(file("root-2"))});
  const auto* roots = lines.add<trust::RootChain>(
      "roots", chain, [](const auto& all) { return all.publisher_id().to_hex(); });
  if (!roots) return lines.text();
  for (const auto& root : roots->roots()) lines.add<trust::Root>("root", root, of_root);

  const auto envelope = trust::parse_envelope(file("release.owrd"), trust::PayloadKind::Manifest);
  const auto manifest = envelope ? release::Manifest::parse(envelope->payload)
                                 : Result<release::Manifest>(envelope.error());
  lines.add<release::Manifest>("manifest", manifest, [&](const auto& each) {
    return each.model() + ":" + each.version() + ", id " + each.release_id().to_hex() +
           ", infohash " + release::derive_torrent(each, file("release.owrd")).infohash.to_hex();
  });
  lines.add<trust::ReleaseSigners>(
      "manifest's signers",
      envelope ? trust::verify_release(*envelope, "atlas", *roots, std::nullopt)
               : Result<trust::ReleaseSigners>(envelope.error()),
      [](const auto& signers) { return "by root " + std::to_string(signers.root_version); });

  const auto head = trust::Head::parse(file("head"));
  lines.add<trust::Head>("head", head, [&](const auto& each) {
    const auto verified = trust::verify_head(each, roots->newest());
    return "sequence " + std::to_string(each.sequence()) + ", infohash " +
           each.infohash().to_hex() + ", " +
           (verified ? "by root " + std::to_string(each.root_version()) : verified.error().message);
  });
  lines.add<trust::Notice>("notice", trust::Notice::parse(file("notice")), [&](const auto& each) {
    const auto listed = trust::verify_release(each.envelope(), each.model(), *roots, 3, 1);
    const auto later = trust::verify_release(each.envelope(), each.model(), *roots, 4, 2);
    return "of " + each.release_id().to_hex() + ", " +
           (listed ? "believed" : listed.error().message) + " where it is listed, later " +
           (later ? "believed" : "not");
  });
  lines.add<trust::Attestation>("attestation", trust::Attestation::verify(file("attestation")),
                                [](const auto& each) {
                                  return each.mirror_name() + ", of " + each.release_id().to_hex() +
                                         ", until " + std::to_string(each.expires());
                                });
  lines.add<release::Feed>("feed", release::Feed::parse(file("feed.owrd")), [](const auto& each) {
    return std::to_string(each.records().size()) + " records, " +
           std::to_string(each.releases().size()) + " release, " +
           std::to_string(each.channels().size()) + " channel, " +
           std::to_string(each.notices().size()) +
           " notice, believed: " + std::to_string(each.notices().front().is_believed());
  });
  lines.add<std::vector<trust::Attestation>>(
      "attestations", release::parse_attestations(file("attestations.owrd")),
      [](const auto& all) { return std::to_string(all.size()); });
  for (const auto* name : {"acme.owrp", "atlas.owr", "roots.owrp"})
    lines.add<v1::Bundle>(name, release::parse_bundle(file(name)), [](const auto& bundle) {
      return std::to_string(bundle.roots_size()) + " roots, manifest " +
             std::to_string(!bundle.manifest().empty()) + ", head " +
             std::to_string(!bundle.head().empty());
    });

  const auto head_item = decode_item(files.at("head.item"));
  lines.add<trust::Head>(
      "head's item",
      head_item ? trust::read_head_item(*head_item) : Result<trust::Head>(head_item.error()),
      [](const auto& each) { return "sequence " + std::to_string(each.sequence()); });
  const auto anchor = decode_item(files.at("anchor.item"));
  lines.add<trust::AnchorTarget>(
      "anchor's item",
      anchor ? trust::read_anchor_item(*anchor) : Result<trust::AnchorTarget>(anchor.error()),
      [](const auto& each) {
        return "root " + std::to_string(each.root_version) + ", infohash " + each.infohash.to_hex();
      });
  if (head) {
    const auto verdict = release::judge_feed({*roots}, *head, file("feed.owrd"),
                                             file("attestations.owrd"), MadeFeed::kStart);
    lines.add<std::string>(
        "verdict",
        verdict.news ? Result<std::string>("believed") : Result<std::string>(*verdict.error),
        [](const auto& text) { return text; });
  }
  return lines.text();
}

}  // namespace owrd::conformance
