// SPDX-License-Identifier: MIT
#include "tools/tool_batch.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "async/escort.hpp"
#include "async/time_limit.hpp"
#include "async/tool_scope.hpp"
#include "base/durations.hpp"
#include "base/json.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "plugins/guard.hpp"

namespace tachikoma::tools {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxFailure = 4000;  // bytes; more would bury the instructions for the model

/// What an escorted call needs.
struct Running {
  const std::shared_ptr<Tool> tool;
  const std::string name;
  const Value arguments;
  const std::string request_id;
  const std::shared_ptr<async::Hatch> hatch;
  std::optional<Result<std::string>> answer = {};
};

Error out_of_time(const ToolCall& call, milliseconds limit) {
  return Error(ErrorCode::tool_failed,
               "'" + call.name + "' did not finish within " + base::describe_time(limit),
               "ask it for less, or answer without it");
}

Error no_thread(const std::system_error& error) {
  return Error(ErrorCode::internal, std::string("no thread could be started for it: ") + error.what());
}

std::string bounded(std::string text, std::size_t limit) {
  if (text.size() > limit) {
    const std::size_t whole = text.size();
    text.resize(base::utf8_prefix(text, limit).size());
    text += "\n[cut: these are the first " + std::to_string(text.size()) + " of " + std::to_string(whole) +
            " bytes]";
  }
  return base::repair_utf8(text);
}

std::string result_text(const Value& result) {
  return bounded(result.is_string() ? std::string(result.as_string()) : base::to_json(result),
                 kMaxToolResult);
}

// Tools of plugins are guarded; those of the application are not.
Result<std::string> call_tool(Tool& tool, const std::string& name, const Value& arguments,
                              const CallContext& context) {
  try {
    TACHIKOMA_TRY(Value result, tool.call(arguments, context));
    return result_text(result);
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread cancellation must propagate
  } catch (...) {
    return Error(ErrorCode::tool_failed, "tool '" + name + "' " + plugins::describe_current_exception());
  }
}

}  // namespace

void fail(ToolOutcome& outcome, const Error& error) {
  outcome.failed = true;
  outcome.text =
      bounded("Error: " + error.message + (error.hint.empty() ? "" : "\nHint: " + error.hint), kMaxFailure);
}

Error cancelled(const ToolCall& call) {
  return Error(ErrorCode::cancelled, "the call of '" + call.name + "' was cancelled");
}

ToolBatch::ToolBatch(Setting setting, std::vector<PendingCall> tasks, std::vector<ToolOutcome> outcomes,
                     std::function<void(std::vector<ToolOutcome>)> finished)
    : setting_(std::move(setting)),
      tasks_(std::move(tasks)),
      outcomes_(std::move(outcomes)),
      finished_(std::move(finished)),
      unfinished_(tasks_.size()) {}

void ToolBatch::start(Workers& workers, std::size_t max_parallel) {
  try {
    for (std::size_t jobs = std::min(max_parallel, tasks_.size()); jobs > 0; --jobs)
      workers.run([self = shared_from_this()] { self->work(); });
  } catch (const std::system_error& error) {  // there is no worker at all, so nothing was run
    for (const PendingCall& task : tasks_) fail(outcome_of(task), no_thread(error));
    finished_(std::move(outcomes_));
  }
}

void ToolBatch::work() {
  for (std::size_t i = next_++; i < tasks_.size(); i = next_++) {
    ToolOutcome& outcome = outcome_of(tasks_[i]);
    const auto begun = std::chrono::steady_clock::now();
    Result<std::string> answered = answer(tasks_[i]);
    outcome.time = std::chrono::steady_clock::now() - begun;
    if (answered)
      outcome.text = *std::move(answered);
    else
      fail(outcome, answered.error());
    if (--unfinished_ == 0) std::exchange(finished_, {})(std::move(outcomes_));
  }
}

Result<std::string> ToolBatch::answer(PendingCall& task) {
  ToolOutcome& outcome = outcome_of(task);
  const ToolCall& call = outcome.call;
  const auto cancellation = std::make_shared<CallCancellation>();
  const OnCancel stopped(setting_.cancellation, [&] { cancellation->request(CancelReason::caller); });
  if (cancellation->requested()) return cancelled(call);
  const TimeLimit limit(setting_.timer, setting_.time_limit, *cancellation);
  const auto running =
      std::make_shared<Running>(Running{task.tool, call.name, std::move(task.arguments), setting_.request_id,
                                        std::make_shared<async::Hatch>(cancellation, nullptr)});
  std::optional<async::WrittenOff> lost;
  try {
    lost = async::escort(setting_.timer, running->hatch, [running] {
      const async::ToolScope scope(running->request_id);
      running->answer.emplace(call_tool(*running->tool, running->name, running->arguments,
                                        {running->hatch->cancellation(), running->request_id}));
    });
  } catch (const std::system_error& error) {
    return no_thread(error);
  }
  if (lost)
    outcome.notice = "tool '" + call.name + "' does not return from its call: thread " +
                     std::to_string(lost->thread) + " was written off";
  switch (cancellation->reason()) {
    case CancelReason::none:
      if (running->answer) return *std::move(running->answer);
      return Error(ErrorCode::tool_failed, "tool '" + call.name + "' ended its thread");
    case CancelReason::caller: return cancelled(call);
    default: return out_of_time(call, setting_.time_limit);
  }
}

}  // namespace tachikoma::tools
