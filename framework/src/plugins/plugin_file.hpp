// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/trusted_file.hpp"
#include "plugins/elf_note.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

struct ExaminedPlugin {
  PluginReport report;
  base::Descriptor file;  ///< what was examined, whatever its path leads to later
};

/// How much of a note is in a report. `names` is what decides whether a plugin is the one that is looked for:
/// its name, and what it provides; it may be more.
enum class Detail : std::uint8_t { names, whole };

/// Reads and checks one plugin file: path, trust, extent, note, handshake. Runs none of its code.
ExaminedPlugin examine_file(const std::string& file);

/// The same for a file of a folder that is searched.
PluginReport examine_file_in(const base::TrustedFolder& folder, const std::string& file, Detail detail);

/// Copies what the note says into the report. Runs before the handshake too, so that a refusal can
/// name the plugin and its version.
Status describe(const NoteContent& note, PluginReport& report);

/// A refusal that names the plugin and has the report's facts in its detail; `reason` continues
/// the sentence after the name.
Error refused(const PluginReport& report, Error reason);

/// The same with a reason given as text: "refused: …".
Error refused(const PluginReport& report, std::string reason, std::string hint);

}  // namespace tachikoma::plugins
