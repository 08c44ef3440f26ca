// SPDX-License-Identifier: MIT
#include "common/chat/tool_call_tracker.hpp"

namespace tachikoma::kit {

bool ToolCallTracker::continues(std::size_t number, const CallFragment& fragment) const {
  const Call& call = calls_[number];
  if (!fragment.id.empty() && !call.id.empty()) return call.id == fragment.id;
  // without an index and an id, another name starts another call
  return fragment.index || fragment.name.empty() || call.name.empty();
}

std::size_t ToolCallTracker::find(const CallFragment& fragment) {
  std::optional<std::size_t> newest = newest_;
  if (fragment.index) {
    const auto at = newest_at_.find(*fragment.index);
    newest = at == newest_at_.end() ? std::nullopt : std::optional(at->second);
  }
  if (!fragment.id.empty() && !(newest && calls_[*newest].id == fragment.id))
    if (const auto known = by_id_.find({fragment.index, std::string(fragment.id)}); known != by_id_.end())
      return known->second;
  if (newest && continues(*newest, fragment)) return *newest;
  const std::size_t number = calls_.size();
  calls_.emplace_back();
  newest_ = number;
  newest_at_[fragment.index.value_or(static_cast<std::int64_t>(number))] = number;
  return number;
}

void ToolCallTracker::note_id(std::size_t number, const std::optional<std::int64_t>& index,
                              std::string_view id) {
  by_id_[{std::nullopt, std::string(id)}] = number;
  if (index) by_id_[{index, std::string(id)}] = number;
}

Flow ToolCallTracker::on_fragment(const CallFragment& fragment) {
  const std::size_t number = find(fragment);
  if (calls_[number].id.empty() && !fragment.id.empty()) note_id(number, fragment.index, fragment.id);
  return emit(number, fragment);
}

Flow ToolCallTracker::start(const CallFragment& fragment) {
  CallFragment unique = fragment;
  const Key key(std::nullopt, fragment.id);
  if (by_id_.contains(key) || found_ids_.contains(key.second)) unique.id = {};  // models may repeat ids
  found_ids_.insert(key.second);
  newest_found_ = calls_.size();
  calls_.emplace_back();
  return emit(*newest_found_, unique);
}

Flow ToolCallTracker::add_arguments(std::string_view text) {
  return newest_found_ ? emit(*newest_found_, {.arguments = text}) : Flow::proceed;
}

Flow ToolCallTracker::emit(std::size_t number, const CallFragment& fragment) {
  Call& call = calls_[number];
  ChatEvent event;
  event.kind = ChatEvent::Kind::tool_call;
  event.index = static_cast<std::uint32_t>(number);
  if (call.id.empty() && !fragment.id.empty()) event.id = call.id = base::repair_utf8(fragment.id);
  if (call.name.empty() && !fragment.name.empty()) event.name = call.name = base::repair_utf8(fragment.name);
  event.text = call.repairer.push(fragment.arguments);
  const bool starts = !std::exchange(call.told, true);
  if (!starts && event.id.empty() && event.name.empty() && event.text.empty()) return Flow::proceed;
  return sink_.on_event(event);
}

Flow ToolCallTracker::finish() {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    ChatEvent event;
    event.kind = ChatEvent::Kind::tool_call;
    event.index = static_cast<std::uint32_t>(i);
    event.text = calls_[i].repairer.finish();
    if (calls_[i].id.empty()) event.id = calls_[i].id = "call_" + std::to_string(i);
    if (event.id.empty() && event.text.empty()) continue;
    if (sink_.on_event(event) == Flow::stop) return Flow::stop;
  }
  return Flow::proceed;
}

}  // namespace tachikoma::kit
