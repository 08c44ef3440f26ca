// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "schema/validator.hpp"

namespace tachikoma::schema {

/// The violations to report if none of several schemas fits: what each expects, if that is short and about
/// the value itself, joined into `whole`; else those of the alternative that was probably meant.
std::vector<Violation> explain(std::vector<std::vector<Violation>> alternatives, Violation whole);

}  // namespace tachikoma::schema
