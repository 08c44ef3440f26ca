// SPDX-License-Identifier: MIT
#include "model/scripted_responses.hpp"

#include <algorithm>

#include "world/units.hpp"

namespace lmstudio_sim {

ScriptedResponses::ScriptedResponses(ResponseRules rules)
    : initial_(std::make_shared<const ResponseRules>(std::move(rules))) {
  reset();
}

void ScriptedResponses::replace(ResponseRules rules) {
  replace(std::make_shared<const ResponseRules>(std::move(rules)));
}

void ScriptedResponses::reset() { replace(initial_); }

void ScriptedResponses::replace(std::shared_ptr<const ResponseRules> rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  fault_hits_.assign(rules_->faults.size(), 0);
  reply_hits_.assign(rules_->replies.size(), 0);
}

bool ScriptedResponses::fits(const Match& when, const RequestFacts& facts, std::int64_t& seen) {
  if (when.route && *when.route != facts.route) return false;
  if (when.model && *when.model != facts.model) return false;
  if (when.contains && lower_case(facts.text).find(lower_case(*when.contains)) == std::string::npos)
    return false;
  if (when.tool_results && *when.tool_results != facts.tool_results) return false;
  if (when.stream && *when.stream != facts.stream) return false;
  ++seen;
  return (!when.nth || *when.nth == seen) && (!when.first || seen <= *when.first);
}

std::optional<Fault> ScriptedResponses::next_fault(const RequestFacts& facts) {
  const std::lock_guard lock(mutex_);
  const Fault* chosen = nullptr;
  for (std::size_t i = 0; i < rules_->faults.size();
       ++i)  // all of them count the request, also those after the chosen one
    if (fits(rules_->faults[i].when, facts, fault_hits_[i]) && !chosen) chosen = &rules_->faults[i];
  return chosen ? std::optional(*chosen) : std::nullopt;
}

std::shared_ptr<const ScriptedReply> ScriptedResponses::next_reply(const RequestFacts& facts) {
  const std::lock_guard lock(mutex_);
  const ScriptedReply* chosen = nullptr;
  for (std::size_t i = 0; i < rules_->replies.size(); ++i)
    if (fits(rules_->replies[i].when, facts, reply_hits_[i]) && !chosen) chosen = &rules_->replies[i];
  return {rules_, chosen};  // keeps the rules alive as long as the reply is used
}

}  // namespace lmstudio_sim
