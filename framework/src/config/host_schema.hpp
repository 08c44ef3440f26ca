// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// The schema of a configuration file, without the settings of plugins. Every key is in every place where it
/// may be used in a file. Made once; it lives as long as the program.
const Value& host_schema();

/// A part of it by name: "load", "inference", or the document's own forms, "document-server" and
/// "document-model".
Value host_schema_part(std::string_view name);

}  // namespace tachikoma::config
