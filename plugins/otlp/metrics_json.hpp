// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <vector>

#include "common/monitor/measurements.hpp"

namespace tachikoma::otlp {

/// A metric as an object of OTLP's JSON: cumulative, measured from `start` to `now`.
Value metric_of(const kit::Metric& metric, std::chrono::system_clock::time_point start,
                std::chrono::system_clock::time_point now);

}  // namespace tachikoma::otlp
