// SPDX-License-Identifier: MIT
#pragma once

#include "diagnose/examination.hpp"

namespace tachikoma::diagnose {

/// Examines the server: reachable, of the configured kind, usable? False if its models can't be examined.
bool examine_server(ProviderExamination& exam);

}  // namespace tachikoma::diagnose
