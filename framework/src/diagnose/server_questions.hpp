// SPDX-License-Identifier: MIT
#pragma once

#include "diagnose/examination.hpp"

namespace tachikoma::diagnose {

/// Is the server there, is it what the config says, may we use it? False when its models can't be looked at.
bool examine_server(Examination& exam);

}  // namespace tachikoma::diagnose
