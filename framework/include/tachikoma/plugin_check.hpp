// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// One check of the conformance kit, as `plugin_checks` lists it. The texts are static.
struct PluginCheck {
  std::string_view name = {};   ///< "provider.cancelled"; its group stands before the dot
  std::string_view shows = {};  ///< what it shows if it passes, a sentence without a full stop
  std::string_view hint = {};   ///< what to do if it fails
};

enum class CheckStatus : std::uint8_t {
  pass,
  fail,
  skip,  ///< it could not be tried; `reason` says why
};

/// "pass", "fail" or "skip".
constexpr std::string_view to_string(CheckStatus status) noexcept {
  switch (status) {
    case CheckStatus::pass: return "pass";
    case CheckStatus::fail: return "fail";
    case CheckStatus::skip: return "skip";
  }
  return "fail";
}

/// What one check found.
struct CheckResult {
  PluginCheck check = {};
  CheckStatus status = CheckStatus::pass;
  std::string reason = {};  ///< fail, skip: what was found, and of which component
  std::chrono::milliseconds time{0};
};

struct CheckOptions {
  /// Names of checks or of their groups: only these are tried, and those that they need. Empty: all.
  std::vector<std::string> only = {};
  /// A YAML or JSON file with the settings of the plugin's component, or, under names such as "tool:clock",
  /// of each. Empty: what the schemas require is made up from them.
  std::string settings_file = {};
  std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< for each check
};

/// Every check, in the order in which they are tried.
TACHIKOMA_API const std::vector<PluginCheck>& plugin_checks();

/// Tries whether a plugin file keeps the contract of plugins: a result for each check, in order.
///
/// Each check runs in a child process of its own, which is killed when its time is over: a plugin that hangs,
/// crashes or ends the process fails that check. The children are forks of this process, so call it before
/// you start threads. Fails with `invalid_argument` if `only` names no check, and with `config_invalid` if
/// the settings can't be used.
TACHIKOMA_API Result<std::vector<CheckResult>> check_plugin(std::string_view file,
                                                            const CheckOptions& options = {});

}  // namespace tachikoma
