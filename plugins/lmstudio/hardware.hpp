// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"

namespace tachikoma::lmstudio {

/// What LM Studio runs on: as its engine surveyed it, and, on this machine, as the system says.
class StudioHardware final : public HardwareSurvey {
 public:
  explicit StudioHardware(Studio& studio) : studio_(studio) {}
  Result<Hardware> survey(const CallContext& context) override;

 private:
  Studio& studio_;
};

/// The memory that `error`, an `insufficient_memory` without it, should name: set in its detail with its
/// source, where somebody can tell.
Error with_available_memory(Error error, Studio& studio, const CallContext& context);

}  // namespace tachikoma::lmstudio
