// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace tachikoma::plugins {

/// What a library needs from beside it: the names of the libraries that it is linked to, and the folders that
/// it names relative to its own, as "$ORIGIN/lib". Of a file that `read_note` has accepted; safe on any
/// bytes.
struct Needs {
  std::vector<std::string> libraries;
  std::vector<std::string> folders;
};

Needs read_needs(const base::Bytes& file);

/// The files in those folders that the linker would take, for a library that lies in `folder`.
std::vector<std::string> bundled_libraries(const Needs& needs, const std::string& folder);

}  // namespace tachikoma::plugins
