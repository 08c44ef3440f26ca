// SPDX-License-Identifier: MIT
#pragma once

#include <cxxabi.h>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "plugins/module.hpp"
#include "plugins/text.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::plugins {

/// Describes the exception being handled, for a sentence: `threw "bad_alloc"`, or `threw a value of type
/// 'int'`. Copies what it needs: the exception belongs to the plugin.
std::string describe_current_exception();

/// A component that is about to be called, for messages, and the code that must stay in memory.
struct Callee {
  std::string kind;  ///< "provider"
  std::string name;  ///< what the configuration calls it
  std::shared_ptr<Module> module;

  /// The error for a contract violation: `what` continues "provider 'x': plugin fault: ". Counts it.
  Error fault(const std::string& what) const;
};

/// Calls into a plugin. What it throws becomes `plugin_fault`, and the text of its errors is made
/// readable. Every call of plugin code goes through here.
template <class F>
auto guarded(const Callee& who, std::string_view method, F&& call) -> std::invoke_result_t<F> {
  try {
    auto result = std::forward<F>(call)();
    if (!result) return printable(std::move(result).error());
    return result;
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread cancellation must propagate
  } catch (...) {
    return who.fault(std::string(method) + "() " + describe_current_exception());
  }
}

}  // namespace tachikoma::plugins
