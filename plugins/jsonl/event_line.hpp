// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma::jsonl {

/// The version of what a line consists of: it grows when a member is removed or changes its meaning, not when
/// one is added.
inline constexpr int kSchemaVersion = 1;

/// An event as the object of its line, as docs/monitoring-plugins.md describes it. Times are in
/// milliseconds; what was said is there `with_content` only, and of images only their type and size.
Value describe(const MonitorEvent& event, bool with_content);

}  // namespace tachikoma::jsonl
