// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

namespace tachikoma::otlp {

/// How long to wait before the next attempt after so many failures in a row, at least one: what the receiver
/// asks for, but not more than five minutes; else a second, which doubles up to half a minute, and of which
/// `chance`, from 0 to 1, takes away up to a half, so that many clients don't come at once.
std::chrono::milliseconds retry_pause(int failures, std::optional<std::chrono::milliseconds> asked_for,
                                      double chance);

}  // namespace tachikoma::otlp
