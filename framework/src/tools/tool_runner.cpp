// SPDX-License-Identifier: MIT
#include "tools/tool_runner.hpp"

#include <algorithm>
#include <utility>

#include "base/durations.hpp"
#include "base/nearest.hpp"
#include "tools/arguments.hpp"
#include "tools/tool_batch.hpp"

namespace tachikoma::tools {
namespace {

ToolSpec completed(ToolSpec spec) {
  if (spec.parameters.is_null())
    spec.parameters = Value::object({{"type", "object"}, {"properties", Value::object()}});
  return spec;
}

}  // namespace

Status check_rules(const ToolRules& rules) {
  const auto refuse = [](const std::string& field, const std::string& found, const std::string& expected) {
    return Error(ErrorCode::invalid_argument,
                 "'tool_rules." + field + "' is " + found + ", expected " + expected);
  };
  if (rules.max_steps == 0) return refuse("max_steps", "0", "at least 1");
  if (rules.max_parallel == 0) return refuse("max_parallel", "0", "at least 1");
  if (rules.time_limit.count() < 0)
    return refuse("time_limit", base::describe_time(rules.time_limit), "0 (never) or more");
  return Done{};
}

Status check_tool_name(std::string_view name) {
  if (is_tool_name(name)) return Done{};
  return Error(ErrorCode::invalid_argument,
               "tool '" + std::string(name) +
                   "': its name has other characters than letters, digits, '_' and "
                   "'-', or not between 1 and 64 of them");
}

Result<ToolRunner> ToolRunner::make(ToolKit kit, ToolRules rules) {
  if (Status fine = check_rules(rules); !fine) return std::move(fine).error();
  ToolRunner runner(std::move(kit), std::move(rules));
  for (const ToolKit::Entry& entry : runner.kit_.entries()) {
    if (Status fine = check_tool_name(entry.spec.name); !fine) return std::move(fine).error();
    if (Status added = runner.add(entry); !added) {
      Error error = std::move(added).error();
      error.message = "tool '" + entry.spec.name + "': " + error.message;
      return error;
    }
  }
  return runner;
}

Status ToolRunner::add(const ToolKit::Entry& entry) {
  const std::string& name = entry.spec.name;
  if (find(name) != &entry)
    return Error(ErrorCode::invalid_argument, "two tools have this name", "give one of them another name");
  if (!entry.tool) return Done{};
  Result<schema::JsonSchema> schema = schema::JsonSchema::compile(completed(entry.spec).parameters);
  if (!schema) return std::move(schema).error();
  schemas_.emplace(name, *std::move(schema));
  return Done{};
}

std::vector<ToolSpec> ToolRunner::specs() const {
  std::vector<ToolSpec> specs;
  for (const ToolKit::Entry& entry : kit_.entries()) specs.push_back(completed(entry.spec));
  return specs;
}

const ToolKit::Entry* ToolRunner::find(std::string_view name) const {
  for (const ToolKit::Entry& entry : kit_.entries())
    if (entry.spec.name == name) return &entry;
  return nullptr;
}

bool ToolRunner::answers(std::string_view name) const {
  const ToolKit::Entry* entry = find(name);
  return !entry || entry->tool;
}

void ToolRunner::run(std::vector<ToolCall> calls, CallCancellation& cancellation, Timer& timer,
                     Workers& workers, std::function<void(std::vector<ToolOutcome>)> finished,
                     std::string request_id) const {
  std::vector<ToolOutcome> outcomes;
  std::vector<ToolBatch::PendingCall> tasks;
  for (ToolCall& call : calls) {
    const std::size_t position = outcomes.size();
    ToolOutcome& outcome = outcomes.emplace_back(ToolOutcome{std::move(call)});
    Result<Value> arguments =
        cancellation.requested() ? Result<Value>(cancelled(outcome.call)) : admit(outcome.call);
    if (arguments)
      tasks.push_back({position, find(outcome.call.name)->tool, *std::move(arguments)});
    else
      fail(outcome, arguments.error());
  }
  if (tasks.empty()) return finished(std::move(outcomes));
  ToolBatch::Setting setting{
      cancellation, timer, request_id.empty() ? next_request_id() : std::move(request_id), rules_.time_limit};
  std::make_shared<ToolBatch>(std::move(setting), std::move(tasks), std::move(outcomes), std::move(finished))
      ->start(workers, rules_.max_parallel);
}

// The arguments of a call that may be run.
Result<Value> ToolRunner::admit(const ToolCall& call) const {
  const ToolKit::Entry* entry = find(call.name);
  if (!entry) return unknown_tool(call.name);
  Result<Value> arguments = read_arguments(call.arguments, schemas_.at(call.name), entry->spec.parameters);
  if (!arguments) {
    Error error = std::move(arguments).error();
    error.hint = "correct the arguments and call '" + call.name + "' again";
    return error;
  }
  if (!rules_.approve) return arguments;
  const Approval approval = rules_.approve({call, *arguments});
  if (approval.granted) return arguments;
  return Error(ErrorCode::forbidden, "the call of '" + call.name + "' was not allowed" +
                                         (approval.reason.empty() ? "" : ": " + approval.reason));
}

Error ToolRunner::unknown_tool(std::string_view name) const {
  std::vector<std::string> names;
  std::string list;
  for (const ToolKit::Entry& entry : kit_.entries()) {
    names.push_back(entry.spec.name);
    list += (list.empty() ? "'" : ", '") + entry.spec.name + "'";
  }
  std::string hint = base::did_you_mean(base::nearest(name.substr(0, 200), names));
  if (hint.empty()) hint = list.empty() ? "there are no tools" : "the tools are " + list;
  return Error(ErrorCode::invalid_argument, "there is no tool '" + std::string(name.substr(0, 200)) + "'",
               std::move(hint));
}

}  // namespace tachikoma::tools
