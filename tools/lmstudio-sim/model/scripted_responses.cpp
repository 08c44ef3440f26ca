// SPDX-License-Identifier: MIT
#include "model/scripted_responses.hpp"

#include <algorithm>

#include "world/units.hpp"

namespace lmstudio_sim {

Deck::Deck(Cards cards) : start_(std::make_shared<const Cards>(std::move(cards))) { reset(); }

void Deck::deal(Cards cards) { deal(std::make_shared<const Cards>(std::move(cards))); }

void Deck::reset() { deal(start_); }

void Deck::deal(std::shared_ptr<const Cards> cards) {
  const std::lock_guard lock(mutex_);
  cards_ = std::move(cards);
  fault_hits_.assign(cards_->faults.size(), 0);
  reply_hits_.assign(cards_->replies.size(), 0);
}

bool Deck::fits(const Match& when, const RequestFacts& facts, std::int64_t& seen) {
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
  for (std::size_t i = 0; i < cards_->faults.size(); ++i)  // all of them count, also behind the chosen one
    if (fits(cards_->faults[i].when, facts, fault_hits_[i]) && !chosen) chosen = &cards_->faults[i];
  return chosen ? std::optional(*chosen) : std::nullopt;
}

std::shared_ptr<const ScriptedReply> Deck::reply(const RequestFacts& facts) {
  const std::lock_guard lock(mutex_);
  const ScriptedReply* chosen = nullptr;
  for (std::size_t i = 0; i < cards_->replies.size(); ++i)
    if (fits(cards_->replies[i].when, facts, reply_hits_[i]) && !chosen) chosen = &cards_->replies[i];
  return {cards_, chosen};  // as long as it is used, its cards live
}

}  // namespace lmstudio_sim
