// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "diagnose/examination.hpp"

namespace tachikoma::diagnose {

/// Why the examined model is not measured; empty: it is.
std::string why_not_measured(const ProviderExamination& exam);

/// Measures the model's speed with a short generation if requested, else takes the server's own averages; and
/// suggests what would make a slow one faster.
void examine_speed(ProviderExamination& exam);

}  // namespace tachikoma::diagnose
