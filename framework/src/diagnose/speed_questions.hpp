// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "diagnose/examination.hpp"

namespace tachikoma::diagnose {

/// Why the model that was looked at is not generated with; empty: it is.
std::string why_not_measured(const Examination& exam);

/// How fast is the model, by a short generation where that is wanted, else by the server's own averages; and
/// what would make a slow one faster?
void examine_speed(Examination& exam);

}  // namespace tachikoma::diagnose
