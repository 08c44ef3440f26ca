// SPDX-License-Identifier: MIT
#include "plugins/text.hpp"

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <utility>

namespace tachikoma::plugins {

Error printable(Error error) {
  error.message = printable(error.message);
  if (error.message.find_first_not_of(' ') == std::string::npos) {
    error.message =
        "the plugin reports '" + std::string(to_string(error.code)) + "', without a word about the cause";
    if (error.hint.empty()) error.hint = "report it to the author of the plugin";
  }
  error.hint = printable(error.hint);
  return error;
}

Error refusal(std::string reason, std::string hint) {
  return Error(ErrorCode::plugin_refused, "refused: " + std::move(reason), std::move(hint));
}

std::string ordinal(unsigned number) {
  const bool teen = number % 100 >= 11 && number % 100 <= 13;
  const unsigned last = teen ? 0 : number % 10;
  return std::to_string(number) + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

std::string demangled(std::string_view name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && readable ? readable.get() : std::string(name);
}

}  // namespace tachikoma::plugins
