// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "tachikoma/config.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::calls {

/// How long to wait before retrying a call that failed `failures` times: what the server asked for with
/// Retry-After, else a part (`jitter`, 0 to 1) of the backoff, which doubles. Nullopt if the call
/// must not be retried: no attempts left, a permanent error, or too long a Retry-After.
std::optional<std::chrono::milliseconds> wait_before_retry(const RetryPolicy& policy, std::int64_t failures,
                                                           const Error& error, double jitter);

/// A number for `jitter`.
double random_jitter();

/// True for errors after which a fallback model may be tried.
bool may_fall_back(const Error& error);

}  // namespace tachikoma::calls
