// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"

namespace tachikoma::lmstudio {

/// The hardware of LM Studio's machine, as surveyed by its engine, and, on this machine, by the system.
class StudioHardware final : public HardwareSurvey {
 public:
  explicit StudioHardware(Studio& studio) : studio_(studio) {}
  Result<Hardware> survey(const CallContext& context) override;

 private:
  Studio& studio_;
};

/// True if LM Studio says that its machine has no GPU; false if it has one, or that is not known.
bool has_no_gpu(Studio& studio, const CallContext& context);

/// Adds the free memory to `error`, an `insufficient_memory`: in its detail, with its source, if it is known.
Error with_available_memory(Error error, const Studio& studio);

}  // namespace tachikoma::lmstudio
