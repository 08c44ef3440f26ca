// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "schema/format.hpp"

namespace tachikoma::config {

/// The formats of settings: duration and size, which are converted to milliseconds and bytes, uri, path
/// and secret.
const schema::Formats& plugin_formats();

/// Those, and two more of the host's own schema: gpu-layers, and token (a token's number).
const schema::Formats& all_formats();

/// True for duration and size: they may be written as numbers, and are delivered as integers.
bool is_quantity(std::string_view format);

/// A path as an absolute one, `~` at its start being the home; relative ones start at `base_folder`. As it is
/// if it is not a path.
std::string resolve_path(std::string_view text, std::string_view base_folder);

}  // namespace tachikoma::config
