// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

/// What one process of a client reported, and what its parent saw.
struct Figures {
  Tally tally = {};
  double cpu_us = 0;
  double wall_us = 0;
  double peak_kb = 0;
  double rss_kb = 0;
  double threads = 0;
  double allocations = 0;
  double process_us = 0;  ///< from before it was started until it had ended
};

/// Runs a client to its end, with `variables` ("NAME=VALUE") in its environment and none of ours but these.
/// Throws if it fails; stderr has the reason.
Figures run_child(const std::vector<std::string>& argv, const std::vector<std::string>& variables = {});

}  // namespace tachikoma::bench
