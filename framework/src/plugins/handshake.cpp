// SPDX-License-Identifier: MIT
#include "plugins/handshake.hpp"

#include <cstdio>
#include <string>

#include "base/try.hpp"
#include "plugins/text.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::plugins {
namespace {

constexpr std::string_view kOldString = "libstdc++-old-string";

std::string hexadecimal(std::uint32_t number) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", number);
  return text;
}

/// The standard library, the first part of a fingerprint.
std::string library(std::string_view fingerprint) {
  return printable(fingerprint.substr(0, fingerprint.find(';')));
}

bool has(std::string_view fingerprint, std::string_view flag) {
  return (std::string(fingerprint) + ";").find(";" + std::string(flag) + ";") != std::string::npos;
}

Error other_library(const std::string& plugin, const std::string& host) {
  const std::string both = " (plugin: " + plugin + ", host: " + host + ")";
  if (plugin == kOldString)
    return refusal("its std::string layout differs from the host's" + both,
                   "rebuild it without -D_GLIBCXX_USE_CXX11_ABI=0");
  if (host == kOldString)
    return refusal("its std::string layout differs from the host's" + both,
                   "rebuild it with -D_GLIBCXX_USE_CXX11_ABI=0");
  return refusal("it was built with another C++ standard library" + both, "rebuild it with " + host);
}

/// One build option that changes layouts or runtimes, on one side only.
Status check_option(std::string_view plugin, std::string_view flag, const std::string& what,
                    const std::string& option) {
  if (has(plugin, flag) == has(kFingerprint, flag)) return Done{};
  if (has(plugin, flag))
    return refusal("it was built with " + what + ", this host was not", "rebuild it without " + option);
  return refusal("it was built without " + what + ", this host was built with it",
                 "rebuild it with " + option);
}

Status check_fingerprint(std::string_view plugin) {
  if (plugin == kFingerprint) return Done{};
  if (library(plugin) != library(kFingerprint)) return other_library(library(plugin), library(kFingerprint));
  for (const auto& [flag, what, option] :
       {std::tuple{"glibcxx-debug", "debug containers", "-D_GLIBCXX_DEBUG"},
        std::tuple{"asan", "the address sanitizer", "-fsanitize=address"},
        std::tuple{"tsan", "the thread sanitizer", "-fsanitize=thread"}})
    TACHIKOMA_TRY_STATUS(check_option(plugin, flag, what, option));
  return refusal(
      "its build differs from the host's (plugin: " + printable(plugin) + ", host: " + kFingerprint + ")",
      "rebuild it with the flags of this host");
}

}  // namespace

Status check_handshake(const NoteContent& note, std::string_view name) {
  if (note.header.abi != kPluginAbi)
    return refusal("built for plugin ABI " + std::to_string(note.header.abi) + ", this host speaks " +
                       std::to_string(kPluginAbi),
                   "install " + std::string(name) + " for ABI " + std::to_string(kPluginAbi) +
                       (note.header.abi > kPluginAbi ? ", or upgrade tachikoma" : ""));
  TACHIKOMA_TRY_STATUS(check_fingerprint(note.fingerprint));
  if (note.header.layout != kLayout)
    return refusal("same ABI number but different structures (layout " + hexadecimal(note.header.layout) +
                       ", this host has " + hexadecimal(kLayout) + ")",
                   "rebuild it against the installed tachikoma headers (" + std::string(kVersion) +
                       "); a development build may be mixed in");
  return Done{};
}

}  // namespace tachikoma::plugins
