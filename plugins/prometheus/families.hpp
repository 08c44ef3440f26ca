// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/monitor/measurements.hpp"

namespace tachikoma::exposition {

/// The name of an instrument as Prometheus has it: with its unit, and `_total` if it is a counter.
std::string metric_name(const kit::Instrument& instrument);

/// The metrics in Prometheus' text format, version 0.0.4.
std::string exposition_text(const std::vector<kit::Metric>& metrics);

}  // namespace tachikoma::exposition
