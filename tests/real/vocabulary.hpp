// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/gguf_writer.hpp"

namespace tachikoma::testing {

/// The tokens of a tiny model: each byte, some pairs of letters, and what controls a chat.
struct Vocabulary {
  std::vector<std::string> tokens;
  std::vector<std::int32_t> types;
  std::vector<std::string> merges;
  std::uint32_t end_of_text = 0, end_of_turn = 0, tool_call = 0;

  explicit Vocabulary(bool with_tool_call);
  /// Adds tokens that no text has until there are so many.
  void grow_to(std::size_t count);

 private:
  std::uint32_t add(std::string_view token, std::int32_t type);
};

void add_tokenizer(GgufWriter& file, const Vocabulary& vocabulary);

}  // namespace tachikoma::testing
