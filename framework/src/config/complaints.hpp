// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"
#include "schema/violation.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Adds what a violation of `schema` says to whoever wrote the file, at its place in the tree that was read.
/// What is reported already, and what a default may be, adds nothing; secrets are not quoted.
void complain(const schema::Violation& violation, const Node& root, const Value& schema, Problems& problems);

}  // namespace tachikoma::config
