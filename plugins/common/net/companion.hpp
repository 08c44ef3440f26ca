// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/trusted_file.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Opens a file that was installed beside the plugin. It runs with the user's rights as it is, and is trusted
/// only as a plugin is. Fails with `plugin_refused`; `role` says what it is for.
Result<base::TrustedFile> open_companion(const std::string& name, std::string_view role);

}  // namespace tachikoma::kit
