// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "tachikoma/config.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::calls {

/// How long to wait before a call that failed `failures` times is made again: what the server asked for with
/// Retry-After, else up to the backoff, which doubles; `jitter`, 0 to 1, says how much of it. Nothing when it
/// must not be made again: enough attempts, an error that would come again, or too long a Retry-After.
std::optional<std::chrono::milliseconds> wait_before_retry(const RetryPolicy& policy, std::int64_t failures,
                                                           const Error& error, double jitter);

/// A number for `jitter`.
double random_jitter();

/// True for errors after which another model may be asked.
bool may_fall_back(const Error& error);

}  // namespace tachikoma::calls
