// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "schema/validator.hpp"

namespace tachikoma::schema {

/// What to say when none of several schemas fits: what each would have wanted, where that is short and about
/// the value itself, put into `whole`; else what is wrong with the alternative that was probably meant.
std::vector<Violation> explain(std::vector<std::vector<Violation>> alternatives, Violation whole);

}  // namespace tachikoma::schema
