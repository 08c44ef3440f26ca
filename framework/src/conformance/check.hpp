// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "conformance/subject.hpp"
#include "conformance/verdict.hpp"

namespace tachikoma::conformance {

/// A row of the table of checks.
struct Check {
  PluginCheck about;
  std::string_view needs;                  ///< the check without which this one can't be tried; empty: none
  Verdict (*run)(const Subject& subject);  ///< in a child process
};

// The groups, in the order of the table.
std::span<const Check> file_checks();
std::span<const Check> symbol_checks();
std::span<const Check> load_checks();
std::span<const Check> schema_checks();
std::span<const Check> component_checks();
std::span<const Check> process_checks();
std::span<const Check> provider_checks();
std::span<const Check> conduct_checks();
std::span<const Check> capability_checks();
std::span<const Check> tool_checks();
std::span<const Check> monitor_checks();

}  // namespace tachikoma::conformance
