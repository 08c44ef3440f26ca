// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "schema/format.hpp"

namespace tachikoma::config {

/// What the texts of settings may be: duration and size, which stand for milliseconds and bytes, uri, path
/// and secret.
const schema::Formats& plugin_formats();

/// Those, and two that the host's own schema has besides: gpu-layers, and token, the number of one.
const schema::Formats& all_formats();

/// True for duration and size: they may be written as numbers, and are delivered as integers.
bool is_quantity(std::string_view format);

/// A path as an absolute one, `~` at its start being the home; relative ones start at `base_folder`. As it is
/// when it is no path.
std::string resolve_path(std::string_view text, std::string_view base_folder);

}  // namespace tachikoma::config
