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

/// The tools of a request. Those with an implementation are run automatically when the model calls them;
/// calls of the others come back in `Reply::tool_calls`, for the caller to run.
///
///   ToolKit kit;
///   kit.add("get_current_weather", "Weather at a place", {param("location", "City")},
///           [](std::string location) { return "Sunny, 22°C in " + location; });
///
/// A plain value: copies share the tools. Tools are called from several threads at a time.
class ToolKit {
 public:
  struct Entry {
    ToolSpec spec;
    std::shared_ptr<Tool> tool;  ///< null: the caller runs it
  };

  ToolKit() = default;
  /// Tools that the caller runs.
  ToolKit(std::initializer_list<ToolSpec> specs) {
    for (const ToolSpec& spec : specs) add(spec);
  }

  /// A function as a tool: its schema comes from its signature (see make_tool). Defined in
  /// tool_functions.hpp.
  template <class F>
  ToolKit& add(std::string name, std::string description, std::vector<Param> params, F function);
  /// A member function as a tool, with its object or a pointer to it (see make_tool). Defined in
  /// tool_functions.hpp.
  template <class Object, class Method>
  ToolKit& add(std::string name, std::string description, std::vector<Param> params, Object object,
               Method method);
  /// A tool of a plugin, as `Runtime::tool` gives it, or of your own. Asks for its specification.
  ToolKit& add(std::shared_ptr<Tool> tool) {
    ToolSpec spec = tool->spec();
    entries_.push_back({std::move(spec), std::move(tool)});
    return *this;
  }
  /// A tool that the caller runs.
  ToolKit& add(ToolSpec spec) {
    entries_.push_back({std::move(spec), nullptr});
    return *this;
  }

  bool empty() const { return entries_.empty(); }
  /// In the order in which they were added. Two of one name make the request `invalid_argument`.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// A call that is about to be run.
struct PendingToolCall {
  const ToolCall& call;
  const Value& arguments;  ///< parsed and valid
};

/// What becomes of a pending call.
struct Approval {
  bool granted = true;
  std::string reason = {};  ///< told to the model when it is not granted
};

/// How tools are run.
struct ToolRules {
  /// How often the model is asked, at most, within one generation; the last time without tools when it still
  /// wants to call. > 0.
  std::size_t max_steps = 8;
  std::size_t max_parallel = 4;                  ///< calls of one reply that run at a time; > 0
  std::chrono::milliseconds time_limit{60'000};  ///< of each call; 0 is never
  /// Asked before each call, on the thread that runs the generation, in the calls' order; empty grants all.
  /// May block in the synchronous forms. What it throws ends the generation, and leaves it.
  std::function<Approval(const PendingToolCall&)> approve = {};
};

}  // namespace tachikoma
