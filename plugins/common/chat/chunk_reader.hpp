// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/chat/tool_call_tracker.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// A call of a tool that the server itself was to run, and did not.
struct RefusedCall {
  std::string_view tool = {};
  std::string_view reason = {};
};

/// What one chat chunk says. Empty views and absent numbers: it does not say. Texts may be invalid UTF-8.
struct ChunkFacts {
  /// An entry of a whole reply in LM Studio's native form; one of the three.
  struct Item {
    std::string_view thinking = {};
    std::string_view content = {};
    RefusedCall refused = {};
  };

  std::string_view model = {};
  std::string_view content = {};
  std::string_view thinking = {};
  std::string_view finish_reason = {};
  std::string_view timings = {};  ///< JSON
  std::string_view stats = {};    ///< JSON
  /// The one text of a chunk that says nothing else, as it stands in the chunk, without escapes.
  std::string_view plain_text = {};
  Usage usage = {};
  bool has_figures = false;           ///< usage, timings or statistics stand in it
  double progress = -1;               ///< 0 to 1
  std::string_view progressing = {};  ///< what it is of: "prompt" or "load"
  bool is_answer = false;             ///< it has the form of a reply to a chat, or of a part of one
  bool ends_answer = false;           ///< the answer is whole with it
  bool ends_stream = false;           ///< nothing comes after it
  RefusedCall refused = {};
  std::vector<Item> items = {};
  std::vector<std::string_view> server_calls = {};  ///< JSON: calls that the server ran itself
  std::vector<CallFragment> calls = {};
};

/// Parses chat chunks in place, without building a tree: OpenAI's form, that of plain completions,
/// llama.cpp's own, and LM Studio's native events. Views live until the next `read`.
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
