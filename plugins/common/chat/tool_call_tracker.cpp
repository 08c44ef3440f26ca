// SPDX-License-Identifier: MIT
#include "common/chat/tool_call_tracker.hpp"

#include <utility>

namespace tachikoma::kit {
namespace {

// True if the fragment is all of another call, not more of this one.
bool is_another(const CallArguments& arguments, const CallFragment& fragment) {
  return arguments.whole() && !fragment.name.empty() &&
         fragment.arguments.find('{') != std::string_view::npos &&
         !arguments.is_repeated_by(fragment.arguments);
}

}  // namespace

bool ToolCallTracker::continues(const Call& call, const CallFragment& fragment) {
  if (!fragment.id.empty() && !call.given_id.empty())
    return call.given_id == fragment.id ? !is_another(call.arguments, fragment) : fragment.name.empty();
  // without an index and an id, another name starts another call
  return fragment.index || fragment.name.empty() || call.name.empty();
}

std::size_t ToolCallTracker::find(const CallFragment& fragment) {
  std::optional<std::size_t> newest = newest_;
  if (fragment.index) {
    const auto at = newest_at_.find(*fragment.index);
    newest = at == newest_at_.end() ? std::nullopt : std::optional(at->second);
  }
  if (!fragment.id.empty() && !(newest && calls_[*newest].given_id == fragment.id)) {
    const auto known = by_id_.find({fragment.index, std::string(fragment.id)});
    if (known != by_id_.end() && !is_another(calls_[known->second].arguments, fragment)) return known->second;
  }
  if (newest && continues(calls_[*newest], fragment)) return *newest;
  const std::size_t number = calls_.size();
  calls_.emplace_back();
  newest_ = number;
  newest_at_[fragment.index.value_or(static_cast<std::int64_t>(number))] = number;
  return number;
}

Flow ToolCallTracker::on_fragment(const CallFragment& fragment) {
  const std::size_t number = find(fragment);
  if (calls_[number].given_id.empty() && !fragment.id.empty()) {
    by_id_[{std::nullopt, std::string(fragment.id)}] = number;
    if (fragment.index) by_id_[{fragment.index, std::string(fragment.id)}] = number;
  }
  return emit(number, fragment);
}

Flow ToolCallTracker::start(const CallFragment& fragment) {
  newest_found_ = calls_.size();
  calls_.emplace_back().ours = true;
  return emit(*newest_found_, fragment);
}

Flow ToolCallTracker::add_arguments(std::string_view text) {
  return newest_found_ ? emit(*newest_found_, {.arguments = text}) : Flow::proceed;
}

Flow ToolCallTracker::emit(std::size_t number, const CallFragment& fragment) {
  Call& call = calls_[number];
  ChatEvent event;
  event.kind = ChatEvent::Kind::tool_call;
  event.index = static_cast<std::uint32_t>(number);
  if (call.given_id.empty() && !fragment.id.empty()) {
    const std::string id = base::repair_utf8(fragment.id);
    if (!is_used(id)) {
      event.id = call.id = id;
      used_ids_.insert(id);
    }
    call.given_id = fragment.id;
  }
  if (call.name.empty() && !fragment.name.empty()) event.name = call.name = base::repair_utf8(fragment.name);
  const std::string_view arguments = call.repairer.push(fragment.arguments);
  event.text = call.ours ? arguments : call.arguments.push(arguments);
  const bool starts = !std::exchange(call.told, true);
  if (!starts && event.id.empty() && event.name.empty() && event.text.empty()) return Flow::proceed;
  return sink_.on_event(event);
}

std::string ToolCallTracker::new_id() {
  std::string id = ids_.next();
  while (is_used(id)) id = ids_.next();
  used_ids_.insert(id);
  return id;
}

Flow ToolCallTracker::finish() {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    Call& call = calls_[i];
    ChatEvent event;
    event.kind = ChatEvent::Kind::tool_call;
    event.index = static_cast<std::uint32_t>(i);
    std::string rest(call.repairer.finish());
    if (!call.ours) rest = std::string(call.arguments.push(rest)) + call.arguments.finish();
    event.text = rest;
    if (call.id.empty()) event.id = call.id = new_id();
    if (event.id.empty() && event.text.empty()) continue;
    if (sink_.on_event(event) == Flow::stop) return Flow::stop;
  }
  return Flow::proceed;
}

}  // namespace tachikoma::kit
