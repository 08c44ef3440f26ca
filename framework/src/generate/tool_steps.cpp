// SPDX-License-Identifier: MIT
// What tools are in a generation: whether the model must call one, which of its calls are run here, and what
// they gave.
#include <iterator>
#include <string>
#include <utility>

#include "base/call_ids.hpp"
#include "generate/generation.hpp"
#include "generate/tool_run.hpp"

namespace tachikoma::generate {

std::optional<ToolChoice> Generation::tool_choice() const {
  if (is_last_step()) return ToolChoice{.mode = ToolChoice::Mode::none};
  if (reply_.steps == 1 || !first_choice_) return first_choice_;
  const bool forces =
      first_choice_->mode == ToolChoice::Mode::required || first_choice_->mode == ToolChoice::Mode::named;
  // or the model would have to call forever
  return forces ? ToolChoice{.mode = ToolChoice::Mode::automatic} : *first_choice_;
}

// A documented server fault: the choice is accepted, but the model answers in text anyway.
bool Generation::lacks_a_call(const Answer& answer) const {
  return reply_.steps == 1 && first_choice_ && !choice_failed_ && answer.calls.empty() &&
         !consumer_stopped() &&
         (first_choice_->mode == ToolChoice::Mode::required ||
          first_choice_->mode == ToolChoice::Mode::named);
}

// A result names the call that it answers.
void Generation::name_calls(std::vector<ToolCall>& calls) {
  base::CallIds ids(chat_.messages);
  for (ToolCall& call : calls)
    if (call.id.empty()) call.id = ids.next(calls);
}

void Generation::emit_calls() {
  for (const ToolCall& call : reply_.tool_calls)
    if (consumer_stopped() || emitter_.emit({.kind = Delta::Kind::tool_call, .call = &call}) == Flow::stop)
      return;
}

// The calls that are run here; the others stay in the reply, for the caller to run.
std::vector<ToolCall> Generation::take_calls_for_tools() {
  std::vector<ToolCall> ours;
  if (!runs_tools_ || reply_.tool_calls.empty()) return ours;
  if (reply_.steps >= tools_.max_steps()) {
    reply_.notices.push_back("the model called tools again in step " + std::to_string(reply_.steps) +
                             ", the last one allowed: these calls were not run");
    return ours;
  }
  std::vector<ToolCall> others;
  for (ToolCall& call : reply_.tool_calls)
    (tools_.answers(call.name) ? ours : others).push_back(std::move(call));
  reply_.tool_calls = std::move(others);
  return ours;
}

async::Task<Status> Generation::run_tools(std::vector<ToolCall> calls) {
  ToolRun run(request_.execution, tools_, std::move(calls), cancellation_, parts_.threads.workers,
              request_.id);
  co_await run;
  for (const tools::ToolOutcome& outcome : run.outcomes()) {
    reply_.messages.push_back(tool_result(outcome.call.id, outcome.text));
    events_.used(outcome.call.name, outcome.time, outcome.failed);
    if (!outcome.notice.empty()) {
      reply_.notices.push_back(outcome.notice);
      request_.write_log(Severity::error, *chain_.target().provider, outcome.notice);
    }
    if (!consumer_stopped())
      emitter_.emit({.kind = Delta::Kind::tool_result, .content = outcome.text, .call = &outcome.call});
  }
  if (cancellation_.requested()) co_return why_ended();
  chat_.messages.insert(
      chat_.messages.end(),
      std::prev(reply_.messages.end(), static_cast<std::ptrdiff_t>(run.outcomes().size() + 1)),
      reply_.messages.end());
  co_return Done{};
}

}  // namespace tachikoma::generate
