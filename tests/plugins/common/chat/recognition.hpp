// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/chat/chunk_reader.hpp"

namespace tachikoma::testing {

/// A chunk that was parsed in memory of its own, so that a sanitizer sees a read beyond the promised room.
class ParsedChunk {
 public:
  /// `filler` is what the room behind the chunk holds.
  explicit ParsedChunk(std::string_view json, char filler = '\0');

  kit::ChunkReader::Outcome outcome() const { return outcome_; }
  std::string_view json() const { return {bytes_.get(), size_}; }
  const kit::ChunkFacts& facts() const { return reader_.facts(); }
  /// All of it.
  std::string describe() const;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
  kit::ChunkReader reader_;
  kit::ChunkReader::Outcome outcome_;
};

/// What a template that learnt some chunks, one after another, makes of a further one, and what the parser
/// does. The same, if it matched.
struct Recognition {
  bool matched = false;
  std::string by_template = {};
  std::string by_parser = {};
};
Recognition recognise(std::span<const std::string> learnt, std::string_view chunk);

}  // namespace tachikoma::testing
