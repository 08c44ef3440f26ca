// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::config {

/// The content of a file. Fails with `config_invalid` if it can't be read, is not a file, or is too large.
Result<std::string> read_source(const std::string& file);

/// Adds a problem and returns false if the bytes are not acceptable text: UTF-16, invalid UTF-8, control
/// characters. yaml-cpp would accept each of them and read something else than the user sees.
bool check_bytes(std::string_view text, Problems& problems);

std::string_view without_byte_order_mark(std::string_view text);

/// A change of a text before it is parsed: behind `at`, in the changed text, offsets in the original are
/// larger by `shift`.
struct Edit {
  std::size_t at;
  std::ptrdiff_t shift;
};
using Edits = std::vector<Edit>;

/// A text that passed `check_bytes`, with the positions of its lines. Refers to the bytes it was made from.
class SourceText {
 public:
  /// `edits`: offsets are in a text that was made from this one by these.
  explicit SourceText(std::string_view text, Edits edits = {});

  /// Without the byte order mark.
  std::string_view text() const { return text_; }
  /// The place of the byte at `offset`; the end for anything beyond it.
  Position position(int offset) const;
  /// The same of an offset in the original.
  Position place(std::size_t at) const;
  /// True unless a quoted scalar starts at `offset` (after anchors and tags) whose quote never ends.
  bool quote_is_closed(int offset) const;

  /// The line of the byte at `offset`, without its end, and the offset of its first byte in the original.
  std::pair<std::string_view, std::size_t> line(int offset) const;

 private:
  std::size_t original(int offset) const;
  std::size_t skip_properties(std::size_t at) const;

  std::string_view text_;
  Edits edits_;
  std::vector<std::size_t> lines_;  // the offset of each line's first byte
};

}  // namespace tachikoma::config
