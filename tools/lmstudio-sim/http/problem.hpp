// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lmstudio_sim {

/// Why the simulator can't do what the user asked for.
struct Problem {
  std::string message;
  std::string hint = {};  ///< what to do about it
};

}  // namespace lmstudio_sim
