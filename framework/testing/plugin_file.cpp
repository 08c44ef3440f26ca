// SPDX-License-Identifier: MIT
#include "tachikoma/testing/plugin_file.hpp"

#include <vector>

#include "tachikoma/plugin_check.hpp"

namespace tachikoma::testing {

PluginRegistry load_plugin(const std::string& file) {
  PluginRegistry registry;
  if (Status loaded = registry.load(file); !loaded) throw_error(std::move(loaded).error());
  return registry;
}

std::string failed_checks(const std::string& file, const std::string& settings_file) {
  std::string failed;
  for (const CheckResult& each : check_plugin(file, {.settings_file = settings_file}).value())
    if (each.status == CheckStatus::fail)
      failed.append(each.check.name).append(": ").append(each.reason).append("; ").append(each.check.hint) +=
          "\n";
  return failed;
}

}  // namespace tachikoma::testing
