// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lmstudio/discovery.hpp"
#include "lmstudio/locator.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::lmstudio {

/// The evidence about an LM Studio whose HTTP server was not found.
struct Search {
  bool automatic = false;      ///< the address was searched for, not configured
  bool local = false;          ///< it must be on this machine
  bool starts = false;         ///< the first call starts its HTTP server
  bool home_exists = false;    ///< LM Studio's own folder is on this machine
  std::string home = {};       ///< where that folder would be; empty: unknown
  std::vector<Probe> http;     ///< at least one, none of them found it
  std::vector<Probe> sdk;      ///< its own ports; empty when it is not on this machine
  std::string over_ipv4 = {};  ///< the same address over IPv4, when it answers there
};

/// Why it was not found, the cause first; each finding is backed by evidence.
std::vector<Finding> explain_search(const Search& search);

}  // namespace tachikoma::lmstudio
