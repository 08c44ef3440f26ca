// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace tachikoma::kit {

/// The seconds since the epoch of an HTTP date (RFC 9110); nullopt if it is none.
using ReadHttpDate = std::optional<double>(const std::string& text);

}  // namespace tachikoma::kit
