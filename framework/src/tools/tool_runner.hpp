// SPDX-License-Identifier: MIT
#pragma once

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

/// What became of a call.
struct ToolOutcome {
  ToolCall call;
  std::string text = {};  ///< for the model, valid UTF-8: the result, or why there is none
  bool failed = false;    ///< `text` says why
};

/// What a model is told at most of one result, in bytes; a longer one is cut, and says so.
inline constexpr std::size_t kMaxToolResult = 1 << 20;

/// `invalid_argument` for a name that `is_tool_name` refuses.
Status check_tool_name(std::string_view name);
/// `invalid_argument` for rules by which nothing could run.
Status check_rules(const ToolRules& rules);

/// Runs the calls of one generation by its tool kit and rules.
///
/// Whatever goes wrong with a call is told to the model, which may do better: an unknown name (with the
/// nearest), arguments that are no JSON or do not fit, a refused approval, a failure, the time limit. Only
/// cancelling the generation ends it otherwise.
class ToolRunner {
 public:
  /// Fails with `invalid_argument` for rules, a tool's name or a schema that can't be used, and for two tools
  /// of one name.
  static Result<ToolRunner> make(ToolKit kit, ToolRules rules);

  /// As the model is told of them, in the kit's order.
  std::vector<ToolSpec> specs() const;
  /// True when the kit has an implementation for a call of that name, or does not know the name at all: then
  /// the call is answered here. False for tools that the caller runs.
  bool answers(std::string_view name) const;
  std::size_t max_steps() const { return rules_.max_steps; }

  /// Runs `calls`, all of which it answers, on `workers`; `finished` gets one outcome for each call, in their
  /// order, on a worker's thread or, when nothing had to be run, on this one. `approve` is asked on this
  /// thread, before anything runs; what it throws leaves this function, and nothing runs. Tools are told to
  /// end when `cancellation` is requested, and waited for. `cancellation`, `timer` and `workers` outlive the
  /// run; the runner itself need not. `request_id` is the generation's, for the tools to log; empty: a new
  /// one.
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
