// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "async/cancellation.hpp"
#include "async/timer.hpp"
#include "async/workers.hpp"
#include "schema/json_schema.hpp"
#include "tachikoma/tool_kit.hpp"

namespace tachikoma::tools {

/// The outcome of a call.
struct ToolOutcome {
  ToolCall call;
  std::string text = {};             ///< for the model, valid UTF-8: the result, or why there is none
  bool failed = false;               ///< `text` says why
  std::chrono::nanoseconds time{0};  ///< that it ran; zero if it was not run
  std::string notice = {};           ///< a sentence on a call that does not return; or empty
};

/// The most bytes of one result that go to the model; a longer one is truncated, and says so.
inline constexpr std::size_t kMaxToolResult = 1 << 20;

/// Fails with `invalid_argument` unless `is_tool_name(name)`.
Status check_tool_name(std::string_view name);
/// Fails with `invalid_argument` for rules with which no tool could run.
Status check_rules(const ToolRules& rules);

/// Runs the tool calls of one generation with its tool kit and rules.
///
/// Every failure of a call is reported to the model, which may correct itself: an unknown name (with the
/// nearest), arguments that are not JSON or do not fit, a refused approval, an error, the time limit. Only
/// cancelling the generation ends it.
class ToolRunner {
 public:
  /// Fails with `invalid_argument` if the rules, a tool's name or a schema can't be used, or if two tools
  /// have the same name.
  static Result<ToolRunner> make(ToolKit kit, ToolRules rules);

  /// The specifications for the model, in the kit's order.
  std::vector<ToolSpec> specs() const;
  /// True if the kit has an implementation with that name, or does not know the name at all: then
  /// the call is answered here. False for tools that the caller runs.
  bool answers(std::string_view name) const;
  std::size_t max_steps() const { return rules_.max_steps; }

  /// Runs `calls`, all of which it answers, on `workers`; `finished` gets one outcome for each call, in their
  /// order, on a worker's thread or, when nothing had to be run, on this one. `approve` is asked on this
  /// thread, before anything runs; what it throws leaves this function, and nothing runs. Tools are told to
  /// end when `cancellation` is requested; one that does not return soon is left to itself. `cancellation`,
  /// `timer` and `workers` outlive the run; the runner itself need not. `request_id` is the generation's, for
  /// the tools to log; empty: a new one.
  void run(std::vector<ToolCall> calls, CallCancellation& cancellation, Timer& timer, Workers& workers,
           std::function<void(std::vector<ToolOutcome>)> finished, std::string request_id = {}) const;

 private:
  ToolRunner(ToolKit kit, ToolRules rules) : kit_(std::move(kit)), rules_(std::move(rules)) {}
  Status add(const ToolKit::Entry& entry);
  const ToolKit::Entry* find(std::string_view name) const;
  Error unknown_tool(std::string_view name) const;
  Result<Value> admit(const ToolCall& call) const;

  ToolKit kit_;
  ToolRules rules_;
  std::map<std::string, schema::JsonSchema, std::less<>> schemas_;  // of each tool that runs here, by name
};

}  // namespace tachikoma::tools
