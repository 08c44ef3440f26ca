// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma::otlp {

/// The span of a generation that has finished or failed, as an object of OTLP's JSON. The ids are of 32 and
/// 16 hexadecimal digits. Its events are the first token, and each tool that was run; of these only the
/// duration is known, so that their time is the end of the span.
Value span_of(const MonitorEvent& event, std::string trace_id, std::string span_id);

}  // namespace tachikoma::otlp
