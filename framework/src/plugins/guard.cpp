// SPDX-License-Identifier: MIT
#include "plugins/guard.hpp"

#include <cstdint>
#include <exception>
#include <typeinfo>

namespace tachikoma::plugins {

std::string describe_current_exception() {
  constexpr std::size_t kTextLimit = 500;
  try {
    throw;
  } catch (const std::exception& error) {
    const char* text = error.what();
    return "threw \"" + printable(text ? text : "", kTextLimit) + "\"";
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return "threw a value of type '" + (type ? demangled(type->name()) : "unknown") + "'";
  }
}

Error Callee::fault(const std::string& what) const {
  const unsigned count = module->count_fault();
  const std::string times = count > 1 ? " (" + ordinal(count) + " time)" : "";
  return Error(
      ErrorCode::plugin_fault, kind + " '" + name + "': plugin fault: " + what + times,
      "this call failed and the plugin stays loaded; report it to the author of plugin '" + module->plugin() +
          "'",
      Value::object(
          {{"plugin", module->plugin()}, {"component", name}, {"count", static_cast<std::int64_t>(count)}}));
}

}  // namespace tachikoma::plugins
