// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tachikoma::kit {

/// Words of markup that a text is searched for.
struct Markers {
  std::string_view leads;  ///< the characters that they start with
  std::span<const std::string_view> words;
};

/// Where a marker is in a text that may continue.
struct MarkerMatch {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::size_t at = 0;         ///< its first byte; the end of the text if there is none
  std::size_t which = kNone;  ///< its number; `kNone` if it is incomplete or missing

  bool whole() const { return which != kNone; }
};

/// The first marker at or after `from`, or the part of one that ends the text.
MarkerMatch find_marker(std::string_view text, const Markers& markers, std::size_t from = 0);

}  // namespace tachikoma::kit
