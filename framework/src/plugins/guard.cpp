// SPDX-License-Identifier: MIT
#include "plugins/guard.hpp"

#include <cstdint>
#include <exception>
#include <typeinfo>
#include <utility>

#include "base/secrets.hpp"

namespace tachikoma {

PluginCall current_plugin_call() noexcept { return plugins::CallMark::current; }

namespace plugins {

thread_local constinit PluginCall CallMark::current;

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
  Error error = contract_error(kind, name, module->plugin(), what + times);
  error.detail.set("count", static_cast<std::int64_t>(count));
  return error;
}

Error Callee::shown(Error error) const {
  if (error.message.find_first_not_of(" \t\r\n") == std::string::npos)
    error.message = kind + " '" + name + "' failed and gave no reason: " + std::string(to_string(error.code));
  if (!secrets.empty()) {
    error.message = base::without_secrets(std::move(error.message), secrets);
    error.hint = base::without_secrets(std::move(error.hint), secrets);
    error.detail = base::without_secrets(error.detail, secrets);
  }
  return printable(std::move(error));
}

}  // namespace plugins
}  // namespace tachikoma
