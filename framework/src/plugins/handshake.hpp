// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "plugins/elf_note.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::plugins {

/// Compares what a plugin was built with to what this host was built with, before any of its code can
/// run. `name` is used in hints. Messages as those of `read_note`.
Status check_handshake(const NoteContent& note, std::string_view name);

}  // namespace tachikoma::plugins
