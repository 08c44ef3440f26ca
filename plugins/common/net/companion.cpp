// SPDX-License-Identifier: MIT
#include "common/net/companion.hpp"

#include <filesystem>
#include <system_error>

#include "base/own_file.hpp"

// The folder of an install, which the build of a plugin that uses the installed kit knows.
extern "C" [[gnu::weak]] const char* tachikoma_installed_plugins();

namespace tachikoma::kit {
namespace {

// Beside the plugin, else where the kit came from: a plugin of others lies in a folder of their own.
std::filesystem::path place_of(const std::filesystem::path& plugin, const std::string& name) {
  std::filesystem::path beside = plugin.parent_path() / name;
  std::error_code ignored;
  if (!tachikoma_installed_plugins || std::filesystem::exists(beside, ignored)) return beside;
  return std::filesystem::path(tachikoma_installed_plugins()) / name;
}

}  // namespace

Result<base::TrustedFile> open_companion(const std::string& name, std::string_view role) {
  const std::filesystem::path plugin = base::own_file();
  if (plugin.empty()) return Error(ErrorCode::internal, "the plugin's own file can't be found");
  Result<base::TrustedFile> companion = base::open_trusted(place_of(plugin, name).string());
  if (companion) return companion;
  Error error = std::move(companion).error();
  error.code = ErrorCode::plugin_refused;
  error.message.append("; ").append(role);
  if (error.hint.empty()) error.hint = "install Tachikoma's plugins again";
  return error;
}

}  // namespace tachikoma::kit
