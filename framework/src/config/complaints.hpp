// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"
#include "schema/violation.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Turns a violation of `schema` into a problem, worded for the author of the file, with its place in the
/// tree. Problems that were reported already, and values that equal a default, are skipped; secrets are not
/// quoted.
void complain(const schema::Violation& violation, const Node& root, const Value& schema, Problems& problems);

}  // namespace tachikoma::config
