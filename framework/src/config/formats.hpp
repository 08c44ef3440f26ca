// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A text read by a schema's `format`.
struct Formatted {
  Value typed;  ///< null when the text does not fit
  Value shown;
  std::string expected;  ///< what would have been right
  bool quote = true;     ///< false: the text may hold a secret, don't print it
};

/// True for duration, size, uri, path and secret.
bool is_format(std::string_view name);

/// Reads `text` as `format` says; `base_folder` is what a relative path starts from.
Formatted apply_format(std::string_view format, std::string_view text, std::string_view base_folder);

}  // namespace tachikoma::config
