// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <algorithm>

#include "units.hpp"

namespace lmstudio_sim {

Deck::Deck(const Script& script)
    : script_(script), fault_hits_(script.faults.size()), reply_hits_(script.replies.size()) {}

void Deck::reset() {
  const std::lock_guard lock(mutex_);
  std::ranges::fill(fault_hits_, 0);
  std::ranges::fill(reply_hits_, 0);
}

bool Deck::fits(const Match& when, const RequestFacts& facts, std::int64_t& seen) const {
  if (when.route && *when.route != facts.route) return false;
  if (when.model && *when.model != facts.model) return false;
  if (when.contains && lower_case(facts.text).find(lower_case(*when.contains)) == std::string::npos)
    return false;
  if (when.tool_results && *when.tool_results != facts.tool_results) return false;
  if (when.stream && *when.stream != facts.stream) return false;
  ++seen;
  return (!when.nth || *when.nth == seen) && (!when.first || seen <= *when.first);
}

std::optional<Fault> Deck::fault(const RequestFacts& facts) {
  const std::lock_guard lock(mutex_);
  const Fault* chosen = nullptr;
  for (std::size_t i = 0; i < script_.faults.size(); ++i)  // all of them count, also behind the chosen one
    if (fits(script_.faults[i].when, facts, fault_hits_[i]) && !chosen) chosen = &script_.faults[i];
  return chosen ? std::optional(*chosen) : std::nullopt;
}

const ScriptedReply* Deck::reply(const RequestFacts& facts) {
  const std::lock_guard lock(mutex_);
  const ScriptedReply* chosen = nullptr;
  for (std::size_t i = 0; i < script_.replies.size(); ++i)
    if (fits(script_.replies[i].when, facts, reply_hits_[i]) && !chosen) chosen = &script_.replies[i];
  return chosen;
}

}  // namespace lmstudio_sim
