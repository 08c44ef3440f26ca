// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::config {

/// The content of a file. Fails with `config_invalid` if it can't be read, is not a file, or is too large.
Result<std::string> read_source(const std::string& file);

/// Adds a problem and returns false if the bytes are not acceptable text: UTF-16, invalid UTF-8, control
/// characters. yaml-cpp would accept each of them and read something else than the user sees.
bool check_bytes(std::string_view text, Problems& problems);

/// A text that passed `check_bytes`, with the positions of its lines. Refers to the bytes it was made from.
class SourceText {
 public:
  explicit SourceText(std::string_view text);

  /// Without the byte order mark.
  std::string_view text() const { return text_; }
  /// The place of the byte at `offset`; the end for anything beyond it.
  Position position(int offset) const;
  /// True unless a quoted scalar starts at `offset` (after anchors and tags) whose quote never ends.
  bool quote_is_closed(int offset) const;

 private:
  std::size_t skip_properties(std::size_t at) const;

  std::string_view text_;
  std::vector<std::size_t> lines_;  // the offset of each line's first byte
};

}  // namespace tachikoma::config
