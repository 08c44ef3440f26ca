// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/sdk/param.hpp"
#include "tachikoma/plugin/tool.hpp"

namespace tachikoma {

/// The tools of a request. Tools with an implementation are run automatically when the model calls them;
/// calls to the others are returned in `Reply::tool_calls`, for the caller to run.
///
///   ToolKit kit;
///   kit.add("get_current_weather", "Weather at a place", {param("location", "City")},
///           [](std::string location) { return "Sunny, 22°C in " + location; });
///
/// A plain value: copies share the tools. Tools are called from several threads at a time.
class ToolKit {
 public:
  struct Entry {
    ToolSpec spec = {};
    std::shared_ptr<Tool> tool = {};  ///< null: the caller runs it
  };

  ToolKit() = default;
  /// Tools that the caller runs.
  ToolKit(std::initializer_list<ToolSpec> specs) {
    for (const ToolSpec& spec : specs) add(spec);
  }

  /// Adds a function as a tool; its schema comes from its signature (see make_tool). Defined in
  /// tool_functions.hpp.
  template <class F>
  ToolKit& add(std::string name, std::string description, std::vector<Param> params, F function);
  /// Adds a member function as a tool, with its object or a pointer to it (see make_tool). Defined in
  /// tool_functions.hpp.
  template <class Object, class Method>
  ToolKit& add(std::string name, std::string description, std::vector<Param> params, Object object,
               Method method);
  /// Adds a tool object: one from a plugin (see `Runtime::tool`), or your own. Calls its `spec()`.
  ToolKit& add(std::shared_ptr<Tool> tool) {
    ToolSpec spec = tool->spec();
    entries_.push_back({std::move(spec), std::move(tool)});
    return *this;
  }
  /// Adds a tool that the caller runs.
  ToolKit& add(ToolSpec spec) {
    entries_.push_back({std::move(spec), nullptr});
    return *this;
  }

  bool empty() const { return entries_.empty(); }
  /// In the order in which they were added. If two have the same name, the request fails with
  /// `invalid_argument`.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// A call that is about to be run.
struct PendingToolCall {
  const ToolCall& call;
  const Value& arguments;  ///< parsed and valid
};

/// The decision on a pending call.
struct Approval {
  bool granted = true;
  std::string reason = {};  ///< sent to the model if the call is not granted
};

/// How tools are run.
struct ToolRules {
  /// The most requests to the model within one generation; > 0. Calls made in the last step are not run.
  std::size_t max_steps = 8;
  std::size_t max_parallel = 4;  ///< simultaneous calls of one reply; > 0
  /// For each call; 0 means no limit. A tool that does not return soon after it is left to itself, on a
  /// thread of its own, and may outlive the generation.
  std::chrono::milliseconds time_limit{60'000};
  /// Called before each tool call, in order, on the thread that runs the generation; empty grants all calls.
  /// It may block in the synchronous forms. An exception ends the generation and propagates to the caller.
  std::function<Approval(const PendingToolCall&)> approve = {};
};

}  // namespace tachikoma
