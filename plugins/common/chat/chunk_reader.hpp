// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/chat/tool_call_tracker.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// A call of a tool that the server was to run itself, but did not.
struct RefusedCall {
  std::string_view tool = {};
  std::string_view reason = {};
};

/// What one chat chunk says, but for its lists. Empty views and absent numbers: not in the chunk. Texts may
/// be invalid UTF-8.
struct ChunkValues {
  std::string_view model = {};
  std::string_view content = {};
  std::string_view thinking = {};
  std::string_view thinking_field = {};  ///< the member that has it: a static string
  std::string_view finish_reason = {};
  std::string_view timings = {};  ///< JSON
  std::string_view stats = {};    ///< JSON
  /// The text, or the arguments of a call that is under an index alone, of a chunk that contains nothing
  /// else: as it stands in the chunk, between its quotes.
  std::string_view lone_text = {};
  Usage usage = {};
  bool has_figures = false;           ///< it has timings, statistics or counts outside of a usage
  double progress = -1;               ///< 0 to 1
  std::string_view progressing = {};  ///< what the progress is of: "prompt" or "load"
  bool is_answer = false;             ///< it has the form of a chat reply, or of a part of one
  bool speaks = false;                ///< it has a member for text, be that empty
  bool whole = false;        ///< text and calls come from no `delta`: they may be all of the answer so far
  bool ends_answer = false;  ///< it completes the answer
  bool ends_stream = false;  ///< it is the last chunk
  RefusedCall refused = {};
};

/// The content of one chat chunk.
struct ChunkFacts : ChunkValues {
  /// An entry of a whole reply in LM Studio's native form; one of the three.
  struct Item {
    std::string_view thinking = {};
    std::string_view content = {};
    RefusedCall refused = {};
  };
  /// A count of the usage, and where its value starts in the chunk.
  struct Count {
    std::optional<std::int64_t> Usage::*which;
    const char* value;
  };

  std::vector<Item> items = {};
  std::vector<std::string_view> server_calls = {};  ///< JSON: calls that the server ran itself
  std::vector<CallFragment> calls = {};
  std::vector<Count> counts = {};  ///< none of those in the usage's details
  /// Values of members that mean nothing: where they start in the chunk.
  std::vector<const char*> ignored = {};

  /// That of no chunk; the lists keep their capacity.
  void clear() {
    static_cast<ChunkValues&>(*this) = {};
    items.clear();
    server_calls.clear();
    calls.clear();
    counts.clear();
    ignored.clear();
  }
};

/// Parses chat chunks in place, without building a tree: OpenAI's form, that of plain completions,
/// llama.cpp's own, and LM Studio's native events. Views live until the next `read`.
class ChunkReader {
 public:
  /// `complaint`: it has no answer but a sentence, which may be an error or a remark.
  enum class Outcome : std::uint8_t { chunk, fault, complaint, malformed };

  ChunkReader();
  ~ChunkReader();

  /// `json` has `kTailRoom` readable bytes behind it. `fault`: it is an error, not a chunk. Of several
  /// choices only one is read, the same in all chunks: we never request more. `choice` is its number, of one
  /// reply: absent before its first chunk.
  Outcome read(std::string_view json, std::optional<std::int64_t>& choice);
  const ChunkFacts& facts() const;
  /// The value of a part of the chunk that is JSON.
  Result<Value> value_of(std::string_view json);
  /// True if it keeps little memory: a large chunk makes it keep much.
  bool small() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::kit
