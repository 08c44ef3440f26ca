// SPDX-License-Identifier: MIT
#include "common/net/companion.hpp"

#include <filesystem>

#include "base/own_file.hpp"

namespace tachikoma::kit {

Result<base::TrustedFile> open_companion(const std::string& name, std::string_view role) {
  const std::filesystem::path plugin = base::own_file();
  if (plugin.empty()) return Error(ErrorCode::internal, "the plugin's own file can't be found");
  Result<base::TrustedFile> companion = base::open_trusted(plugin.parent_path() / name);
  if (companion) return companion;
  Error error = std::move(companion).error();
  error.code = ErrorCode::plugin_refused;
  error.message.append("; ").append(role);
  if (error.hint.empty()) error.hint = "install Tachikoma's plugins again";
  return error;
}

}  // namespace tachikoma::kit
