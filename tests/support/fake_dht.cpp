#include "tests/support/fake_dht.h"

namespace owrd::swarm {
namespace {

bool fits(const v1::SwarmDhtPut& put) {
  return put.public_key().size() == 32 && put.signature().size() == 64 && put.salt().size() <= 64 &&
         !put.value().empty() && put.value().size() <= 1000 && put.sequence() >= 0;
}

}  // namespace

std::vector<v1::SwarmDhtItem> FakeDht::get(const v1::SwarmDhtGet& command) const {
  const Key key{command.public_key(), command.salt()};
  std::vector<Item> found;
  if (nodes == 0) {
    // Nobody answers.
  } else if (const auto told = answers.find(key); told != answers.end()) {
    found = told->second;
  } else if (const auto item = items.find(key); item != items.end()) {
    found = {item->second};
  }
  if (found.empty()) found.emplace_back();

  std::vector<v1::SwarmDhtItem> reply;
  for (const auto& item : found) {
    auto& next = reply.emplace_back();
    next.set_public_key(key.first);
    next.set_salt(key.second);
    next.set_sequence(item.sequence);
    next.set_value(item.value);
    next.set_signature(item.signature);
  }
  reply.back().set_authoritative(true);
  return reply;
}

v1::SwarmDhtStored FakeDht::put(const v1::SwarmDhtPut& command) {
  v1::SwarmDhtStored reply;
  reply.set_public_key(command.public_key());
  reply.set_salt(command.salt());
  reply.set_sequence(command.sequence());
  if (!fits(command) || nodes == 0) return reply;
  auto& item = items[{command.public_key(), command.salt()}];
  if (command.sequence() >= item.sequence)
    item = {command.sequence(), command.value(), command.signature()};
  reply.set_sequence(item.sequence);
  reply.set_nodes(nodes);
  return reply;
}

}  // namespace owrd::swarm
