// SPDX-License-Identifier: MIT
#pragma once

#include <cxxabi.h>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugins/call_mark.hpp"
#include "plugins/contract.hpp"
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
  std::vector<std::string> secrets = {};  ///< of its settings: what it says is shown without them

  /// The error for a contract violation: `what` continues "provider 'x': plugin fault: ". Counts it.
  Error fault(const std::string& what) const;
  /// A call of that function of it, for `CallMark`.
  PluginCall call(std::string_view function) const { return {module->plugin(), kind, name, function}; }
  /// The component's error, readable and without its secrets.
  Error shown(Error error) const;
};

/// What a call of plugin code gave: a value outside of its type's meaning becomes `plugin_fault`, and errors
/// are made readable.
template <class T>
Result<T> judged(const Callee& who, std::string_view method, Result<T> result) {
  std::string wrong;
  if (!result)
    wrong = breach(result.error());
  else if constexpr (requires { breach(*result); })
    wrong = breach(*result);
  if (!wrong.empty()) return who.fault(std::string(method) + "() returned " + wrong);
  if (!result) return who.shown(std::move(result).error());
  return result;
}

/// Calls into a plugin. What it throws becomes `plugin_fault`; what it returns is judged. Every call of
/// plugin code goes through here.
template <class F>
auto guarded(const Callee& who, std::string_view method, F&& call) -> std::invoke_result_t<F> {
  const CallMark mark(who.call(method));
  try {
    return judged(who, method, std::forward<F>(call)());
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread cancellation must propagate
  } catch (...) {
    return who.fault(std::string(method) + "() " + describe_current_exception());
  }
}

}  // namespace tachikoma::plugins
