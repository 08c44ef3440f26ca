// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/tool_call_tracker.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// What one chat chunk says. Empty views and absent numbers: it does not say. Texts may be invalid UTF-8.
struct ChunkFacts {
  std::string_view model = {};
  std::string_view content = {};
  std::string_view thinking = {};
  std::string_view finish_reason = {};
  std::string_view timings = {};  ///< JSON
  std::string_view stats = {};    ///< JSON
  /// The one text of a chunk that says nothing else, as it stands in the chunk, without escapes.
  std::string_view plain_text = {};
  Usage usage = {};
  double progress = -1;  ///< of the prompt, 0 to 1
  bool has_choice = false;
  std::vector<CallFragment> calls = {};
};

/// Parses chat chunks in place, without building a tree. Views live until the next `read`.
class ChunkReader {
 public:
  enum class Outcome : std::uint8_t { chunk, fault, malformed };

  ChunkReader();
  ~ChunkReader();

  /// `json` has `kTailRoom` readable bytes behind it. `fault`: it is an error, not a chunk.
  Outcome read(std::string_view json);
  const ChunkFacts& facts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::kit
