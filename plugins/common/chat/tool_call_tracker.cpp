// SPDX-License-Identifier: MIT
#include "common/chat/tool_call_tracker.hpp"

#include <algorithm>

namespace tachikoma::kit {

std::size_t ToolCallTracker::find(const CallFragment& fragment) {
  const auto fits = [&](const Call& call) {
    if (call.ours) return false;
    if (fragment.index && call.index != *fragment.index) return false;
    if (!fragment.id.empty() && !call.id.empty()) return call.id == fragment.id;
    // without an index and an id, another name starts another call
    return fragment.index || fragment.name.empty() || call.name.empty();
  };
  for (std::size_t i = calls_.size(); i-- > 0;)
    if (fits(calls_[i])) return i;
  Call call;
  call.index = fragment.index.value_or(static_cast<std::int64_t>(calls_.size()));
  calls_.push_back(std::move(call));
  return calls_.size() - 1;
}

Flow ToolCallTracker::on_fragment(const CallFragment& fragment) { return emit(find(fragment), fragment); }

Flow ToolCallTracker::start(const CallFragment& fragment) {
  CallFragment unique = fragment;
  for (const Call& call : calls_)
    if (call.id == fragment.id) unique.id = {};  // models may repeat ids
  calls_.emplace_back().ours = true;
  return emit(calls_.size() - 1, unique);
}

Flow ToolCallTracker::add_arguments(std::string_view text) {
  const auto last = std::find_if(calls_.rbegin(), calls_.rend(), [](const Call& call) { return call.ours; });
  if (last == calls_.rend()) return Flow::proceed;
  return emit(static_cast<std::size_t>(calls_.rend() - last) - 1, {.arguments = text});
}

Flow ToolCallTracker::emit(std::size_t number, const CallFragment& fragment) {
  Call& call = calls_[number];
  ChatEvent event;
  event.kind = ChatEvent::Kind::tool_call;
  event.index = static_cast<std::uint32_t>(number);
  if (call.id.empty() && !fragment.id.empty()) event.id = call.id = base::repair_utf8(fragment.id);
  if (call.name.empty() && !fragment.name.empty()) event.name = call.name = base::repair_utf8(fragment.name);
  event.text = call.repairer.push(fragment.arguments);
  if (event.id.empty() && event.name.empty() && event.text.empty()) return Flow::proceed;
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
