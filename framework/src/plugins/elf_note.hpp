// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "tachikoma/plugin/note.hpp"
#include "tachikoma/plugin/result.hpp"

/// The one place that knows the format of plugin files. A port to a system without ELF replaces it.

namespace tachikoma::plugins {

/// The content of a plugin's note. `json` is unparsed.
struct NoteContent {
  NoteHeader header;
  std::string fingerprint;
  std::string json;
};

inline constexpr std::size_t kNoteJsonLimit = 64 * 1024;

/// Reads the identity note of a shared library for this machine, after checking that the file is one
/// and is whole. Safe on any bytes. Fails with `plugin_refused`; its message is the part of the
/// sentence that follows the plugin's name: "refused: the file is empty".
Result<NoteContent> read_note(const base::Bytes& file);

}  // namespace tachikoma::plugins
