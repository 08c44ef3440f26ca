// SPDX-License-Identifier: MIT
#include "plugins/load_failure.hpp"

#include <string>

#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

Error cannot_load(const std::string& reason, std::string hint) {
  return Error(ErrorCode::plugin_refused, "cannot load: " + reason, std::move(hint));
}

/// The text between two marks, or an empty string.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t found = text.find(before);
  if (found == std::string_view::npos) return {};
  const std::size_t start = found + before.size();
  const std::size_t end = text.find(after, start);
  return end == std::string_view::npos ? std::string_view() : text.substr(start, end - start);
}

}  // namespace

Error explain_load_failure(std::string_view linker_text, std::string_view file) {
  const std::string text = printable(linker_text);
  constexpr std::string_view kUndefined = "undefined symbol: ";
  if (const std::size_t at = text.find(kUndefined); at != std::string::npos) {
    const std::string_view rest = std::string_view(text).substr(at + kUndefined.size());
    const std::string symbol(rest.substr(0, rest.find_first_of(", \t")));
    const std::string readable = symbol.starts_with("_Z") ? demangled(symbol) : symbol;
    return cannot_load(
        "undefined symbol " + symbol + (readable == symbol ? "" : " (" + readable + ")"),
        "a library is missing in its link line, or it was linked against another version of one; "
        "rebuild it here");
  }
  if (const std::string_view version = between(text, "version `", "' not found"); !version.empty()) {
    const bool runtime = version.starts_with("GLIBCXX_") || version.starts_with("CXXABI_");
    if (runtime)
      return cannot_load("it was built with a newer compiler than this host's C++ runtime (it needs " +
                             std::string(version) + ")",
                         "rebuild it on this machine");
    return cannot_load(
        "it needs " + std::string(version) + ", which a library here does not have (" + text + ")",
        "rebuild it on this machine");
  }
  constexpr std::string_view kMissing = ": cannot open shared object file: No such file or directory";
  if (text.ends_with(kMissing)) {
    const std::string library = text.substr(0, text.size() - kMissing.size());
    if (library.find('/') == std::string::npos)
      return cannot_load("it needs " + library + ", which is not installed",
                         "install the package that has " + library + "; `ldd " + printable(file) +
                             "` lists everything missing");
  }
  return cannot_load("the dynamic linker refuses it (" + text + ")",
                     "`ldd " + printable(file) + "` may say more");
}

}  // namespace tachikoma::plugins
