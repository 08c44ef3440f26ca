// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::testing {

/// A GGUF file read in the plainest way, all of it, to compare a reader with: it shares no code with the
/// reader, and has none of its bounds.
struct PlainGguf {
  struct Value {
    std::uint32_t type = 0;  ///< of an array, that of its elements
    bool array = false;
    std::vector<std::int64_t> integers = {};  ///< also flags
    std::string text = {};
  };
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dimensions;
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
  };
  std::map<std::string, Value> values;
  std::vector<Tensor> tensors;

  /// Nullopt if the bytes end before it does, or are no GGUF.
  static std::optional<PlainGguf> read(std::string_view file);
  /// The integer of a key, if it has one.
  std::optional<std::int64_t> integer(const std::string& key) const;
};

}  // namespace tachikoma::testing
