// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

struct Gpu {
  std::string name = {};
  Sourced<std::int64_t> memory_bytes{};
  Sourced<std::int64_t> free_bytes{};  ///< of it, now
};

/// The machine that runs the models; it need not be this one. The basis of each number says which machine it
/// is.
struct Hardware {
  Sourced<std::int64_t> ram_bytes{};             ///< installed; less if a limit leaves the server less
  Sourced<std::int64_t> available_ram_bytes{};   ///< now
  Sourced<std::int64_t> vram_bytes{};            ///< of all GPUs
  Sourced<std::int64_t> available_vram_bytes{};  ///< of all GPUs, now
  std::vector<Gpu> gpus = {};
  std::string engine = {};  ///< the inference engine with its version; empty: unknown
};

/// Offered by a provider that can describe the machine that its server runs on. [thread-safe]
class HardwareSurvey {
 public:
  static constexpr std::string_view kId = "tachikoma.hardware-survey/1";

  virtual Result<Hardware> survey(const CallContext& context) = 0;

 protected:
  ~HardwareSurvey() = default;
};

}  // namespace tachikoma
