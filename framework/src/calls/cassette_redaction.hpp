// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "calls/cassette_form.hpp"

namespace tachikoma::calls {

/// Leaves the secrets out of what was asked and answered, those too that an answer tells in several pieces.
void redact(Interaction& interaction, const std::vector<std::string>& secrets);

}  // namespace tachikoma::calls
