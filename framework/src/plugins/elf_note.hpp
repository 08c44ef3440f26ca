// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tachikoma/plugin/note.hpp"
#include "tachikoma/plugin/result.hpp"

/// The one place that knows the format of plugin files. A port to a system without ELF replaces it.

namespace tachikoma::plugins {

/// The bytes of a file that nobody has vouched for.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual std::uint64_t size() const = 0;
  /// Copies `count` bytes from `offset`; false when they are not there (any more).
  virtual bool read(std::uint64_t offset, void* to, std::size_t count) const = 0;
};

/// The bytes of an open file, read and not mapped: a file that shrinks meanwhile is a failed read, not
/// a SIGBUS. Does not own the descriptor.
class FileBytes final : public Bytes {
 public:
  FileBytes(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override;

 private:
  int descriptor_;
  std::uint64_t size_;
};

/// What a plugin's note holds. `json` is as it stands in the file, unparsed.
struct NoteContent {
  NoteHeader header;
  std::string fingerprint;
  std::string json;
};

inline constexpr std::size_t kNoteJsonLimit = 64 * 1024;

/// Reads the identity note of a shared library for this machine, after checking that the file is one
/// and is whole. Safe on any bytes. Fails with `plugin_refused`; its message is the part of the
/// sentence that follows the plugin's name: "refused: the file is empty".
Result<NoteContent> read_note(const Bytes& file);

}  // namespace tachikoma::plugins
