// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "config/document.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// The schema of a configuration file, without the settings of plugins. Every key is in every place where it
/// may be used in a file. Made once; it lives as long as the program.
const Value& host_schema();

/// The same without the keys that `root` does not have, unless they have a default: for what `root` holds it
/// says the same, and is made and checked in a fraction of the time.
Value host_schema_for(const Node& root);

/// The same for one section of a file.
Value host_schema_for(const Entry& section);

/// The sections of a file, by name.
const Value& host_sections();

/// True if the entries of that section have such a key of the host's own.
bool is_host_key(std::string_view section, std::string_view key);

/// A part of it by name: "load", "inference", or the document's own forms, "document-server" and
/// "document-model".
Value host_schema_part(std::string_view name);

}  // namespace tachikoma::config
