// SPDX-License-Identifier: MIT
#include "calls/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace tachikoma::calls {

using std::chrono::milliseconds;

std::optional<milliseconds> wait_before_retry(const RetryPolicy& policy, std::int64_t failures,
                                              const Error& error, double jitter) {
  if (failures >= policy.attempts || !error.retryable) return std::nullopt;
  if (const Value* asked = error.detail.find("retry_after_ms"); asked && asked->is_number()) {
    const milliseconds wait(asked->as_integer());
    if (wait > policy.max_backoff) return std::nullopt;
    return std::max(wait, milliseconds(0));
  }
  const double doubled = static_cast<double>(policy.backoff.count()) *
                         std::ldexp(1.0, static_cast<int>(std::min<std::int64_t>(failures - 1, 62)));
  const double longest = std::min(doubled, static_cast<double>(policy.max_backoff.count()));
  return milliseconds(static_cast<std::int64_t>(longest * jitter));
}

double random_jitter() {
  std::random_device source;
  return std::uniform_real_distribution<double>(0, 1)(source);
}

bool may_fall_back(const Error& error) {
  if (error.retryable) return true;
  switch (error.code) {
    case ErrorCode::unreachable:
    case ErrorCode::model_not_found:
    case ErrorCode::model_mismatch:
    case ErrorCode::insufficient_memory:
    case ErrorCode::model_lost:
    case ErrorCode::overloaded:
    case ErrorCode::rate_limited: return true;
    case ErrorCode::timeout: return error.detail["clock"].as_string() != "total";
    default: return false;
  }
}

}  // namespace tachikoma::calls
