// SPDX-License-Identifier: MIT
#include "script.hpp"

namespace lmstudio_sim {
tachikoma::Result<Script> load_script(const std::string& file) {
  return tachikoma::Error(tachikoma::ErrorCode::config_invalid, file);
}
}  // namespace lmstudio_sim
