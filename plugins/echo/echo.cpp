// SPDX-License-Identifier: MIT
// A whole plugin: a tool in this file, a provider and a monitor beside it, and the entry that names them.
#include <memory>
#include <string>

#include "base/try.hpp"
#include "echo_monitor.hpp"
#include "echo_provider.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::echo {
namespace {

/// Gives back its argument `text`.
Result<std::unique_ptr<Tool>> make_echo(const Value&, Host&) {
  return make_tool("echo", "Repeats a text", {param("text", "What to repeat")},
                   [](std::string text) { return text; });
}

}  // namespace
}  // namespace tachikoma::echo

TACHIKOMA_PLUGIN(registrar) {
  using namespace tachikoma;
  TACHIKOMA_TRY_STATUS(registrar.provider("echo", echo::make_provider));
  TACHIKOMA_TRY_STATUS(registrar.tool("echo", echo::make_echo));
  return registrar.monitor("echo", echo::make_monitor);
}
