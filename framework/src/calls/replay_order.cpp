// SPDX-License-Identifier: MIT
#include "calls/replay_order.hpp"

#include <algorithm>
#include <utility>

#include "base/lists.hpp"
#include "calls/cassette_diff.hpp"
#include "schema/canonical.hpp"
#include "schema/wording.hpp"

namespace tachikoma::calls {
namespace {

constexpr std::size_t kShownDifferences = 8;

std::string key_of(Question question, const Value& asked) {
  std::string key(to_string(question));
  schema::append_canonical(key, asked);
  return key;
}

std::string shown(const std::vector<std::string>& differences) {
  std::string text;
  for (std::size_t i = 0; i < std::min(differences.size(), kShownDifferences); ++i)
    text += "\n  " + differences[i];
  if (differences.size() > kShownDifferences)
    text += "\n  and " + schema::counted(differences.size() - kShownDifferences, "difference") + " more";
  return text;
}

}  // namespace

ReplayOrder::ReplayOrder(Cassette cassette, ReplayConfig::Match match)
    : cassette_(std::move(cassette)), match_(match) {
  for (const Recorded& each : cassette_.all) {
    const Interaction& of = each.interaction;
    if (of.question != Question::list_models) in_order_.push_back(&each);
    by_content_[key_of(of.question, of.asked)].answers.push_back(&each);
  }
}

Result<const Interaction*> ReplayOrder::next(Question question, const Value& asked) {
  const std::lock_guard lock(mutex_);
  if (match_ == ReplayConfig::Match::strict && question != Question::list_models)
    return next_in_order(question, asked);
  return next_of_its_kind(question, asked);
}

Result<const Interaction*> ReplayOrder::next_in_order(Question question, const Value& asked) {
  if (next_ == in_order_.size())
    return unknown("the cassette '" + cassette_.file + "' has " +
                       schema::counted(in_order_.size(), "request") + ", and this is one more",
                   nullptr, differences(Value::object(), asked));
  const Recorded& recorded = *in_order_[next_];
  if (key_of(question, asked) != key_of(recorded.interaction.question, recorded.interaction.asked))
    return is_another(recorded, question, asked);
  next_ += 1;
  return &recorded.interaction;
}

Result<const Interaction*> ReplayOrder::next_of_its_kind(Question question, const Value& asked) {
  const auto found = by_content_.find(key_of(question, asked));
  if (found == by_content_.end()) return is_not_there(question, asked);
  Repeated& repeated = found->second;
  if (repeated.used < repeated.answers.size()) repeated.used += 1;
  return &repeated.answers[repeated.used - 1]->interaction;
}

std::vector<const Cassette::Recorded*> ReplayOrder::left() const {
  const std::lock_guard lock(mutex_);
  if (match_ == ReplayConfig::Match::loose) return {};
  return {in_order_.begin() + static_cast<std::ptrdiff_t>(next_), in_order_.end()};
}

Error ReplayOrder::is_another(const Recorded& recorded, Question question, const Value& asked) const {
  std::vector<std::string> differ;
  if (question != recorded.interaction.question)
    differ.push_back(std::string("question: recorded ")
                         .append(to_string(recorded.interaction.question))
                         .append(", asked ")
                         .append(to_string(question)));
  for (std::string& line : differences(recorded.interaction.asked, asked)) differ.push_back(std::move(line));
  return unknown("request " + std::to_string(next_ + 1) + " is not the one that is recorded at " +
                     cassette_.file + ":" + std::to_string(recorded.line) + ":",
                 &recorded, differ);
}

Error ReplayOrder::is_not_there(Question question, const Value& asked) const {
  const Recorded* nearest = nullptr;
  std::vector<std::string> differ;
  for (const Recorded& each : cassette_.all) {
    if (each.interaction.question != question) continue;
    std::vector<std::string> lines = differences(each.interaction.asked, asked);
    if (nearest && lines.size() >= differ.size()) continue;
    nearest = &each;
    differ = std::move(lines);
  }
  const std::string what = "the cassette '" + cassette_.file + "' has no such request";
  if (!nearest) return unknown(what + ": none asks " + std::string(to_string(question)), nullptr, {});
  return unknown(
      what + "; the most similar one is at " + cassette_.file + ":" + std::to_string(nearest->line) + ":",
      nearest, differ);
}

Error ReplayOrder::unknown(std::string what, const Recorded* recorded,
                           const std::vector<std::string>& differ) const {
  Value detail = Value::object({{"file", cassette_.file}, {"differences", base::array_of(differ)}});
  if (recorded) detail.set("line", static_cast<std::int64_t>(recorded->line));
  return Error(ErrorCode::invalid_argument, std::move(what) + shown(differ),
               "ask what was recorded, or record again with 'record' in place of 'replay'",
               std::move(detail));
}

}  // namespace tachikoma::calls
