// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// "20ms", "1.5s", "5m", "1h"; nothing for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Bytes of "65GB", "512MiB", "84106624"; GB is 10⁹ and GiB 2³⁰. Nothing for anything else.
std::optional<std::int64_t> parse_size(std::string_view text);

/// At least a microsecond, so that it can be a divisor.
double seconds_of(std::chrono::steady_clock::duration time);

/// ASCII letters in lower case, the rest as it is.
std::string lower_case(std::string_view text);

}  // namespace lmstudio_sim
