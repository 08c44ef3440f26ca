// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tachikoma::llamacpp {

/// The number after the word `name` in a file of /proc: 12 in "RssFile: 12 kB". Nullopt if it is not
/// there.
std::optional<std::uint64_t> proc_counter(const std::string& file, const std::string& name);

}  // namespace tachikoma::llamacpp
