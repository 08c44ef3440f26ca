// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::base {

/// The library of NVIDIA's driver, as the dynamic linker finds it.
inline constexpr char kNvml[] = "libnvidia-ml.so.1";

/// NVIDIA's GPUs as their driver reports them. Opens `library` for this call alone; the driver may take a
/// second to wake up. Fails with `unsupported` and the reason, as a sentence, if the library or its driver is
/// missing.
Result<std::vector<Gpu>> nvidia_gpus(const std::string& library = kNvml);

}  // namespace tachikoma::base
