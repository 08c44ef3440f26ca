// SPDX-License-Identifier: MIT
#include "common/chat/tool_call_tracker.hpp"

#include <algorithm>

namespace tachikoma::kit {
namespace {

// True if the fragment is all of another call, not more of this one.
bool is_another(const CallArguments& arguments, const CallFragment& fragment) {
  return arguments.whole() && !fragment.name.empty() &&
         fragment.arguments.find('{') != std::string_view::npos &&
         !arguments.is_repeated_by(fragment.arguments);
}

}  // namespace

std::size_t ToolCallTracker::find(const CallFragment& fragment) {
  const auto fits = [&](const Call& call) {
    if (call.ours) return false;
    if (fragment.index && call.index != *fragment.index) return false;
    if (!fragment.id.empty() && !call.given_id.empty())
      return call.given_id == fragment.id ? !is_another(call.arguments, fragment) : fragment.name.empty();
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
  calls_.emplace_back().ours = true;
  return emit(calls_.size() - 1, fragment);
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
  if (call.given_id.empty() && !fragment.id.empty()) {
    const std::string id = base::repair_utf8(fragment.id);
    if (!is_used(id)) event.id = call.id = id;
    call.given_id = fragment.id;
  }
  if (call.name.empty() && !fragment.name.empty()) event.name = call.name = base::repair_utf8(fragment.name);
  const std::string_view arguments = call.repairer.push(fragment.arguments);
  event.text = call.ours ? arguments : call.arguments.push(arguments);
  if (event.id.empty() && event.name.empty() && event.text.empty()) return Flow::proceed;
  return sink_.on_event(event);
}

bool ToolCallTracker::is_used(std::string_view id) const {
  return ids_.is_used(id) ||
         std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) { return call.id == id; });
}

std::string ToolCallTracker::new_id() {
  std::string id = ids_.next();
  while (is_used(id)) id = ids_.next();
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
