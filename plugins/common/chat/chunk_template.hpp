// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/chat/chunk_reader.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// Recognises the chunks of one stream by their bytes: within a stream everything but the text repeats,
/// apart from the counts of its usage and from values that mean nothing, as an id or a time. If what is
/// around those equals a parsed chunk, the text is one JSON string, each count a number of digits and each
/// other value one of JSON, then parsing would give just that text and those counts. Anything that needs a
/// lenient parser is left to the parser.
class ChunkTemplate {
 public:
  /// The text of a chunk: of an answer, or of the arguments of a call.
  struct Match {
    std::string_view text;  ///< may be invalid UTF-8; lives as long as the input does, until the next call
    std::size_t size;       ///< bytes of the input that it took
    bool ascii;             ///< certainly
  };

  /// Remembers a chunk if it contains only one text, and perhaps a usage. `facts` are of that chunk.
  void learn(std::string_view chunk, const ChunkFacts& facts);
  /// The text of a chunk that differs from the remembered one in nothing that matters but the text and the
  /// usage.
  /// Null if it differs in more; lives until the next call.
  const Match* match(std::string_view chunk);
  /// As `match`, for a chunk that is the one data line of an event, with which `bytes` start.
  const Match* match_event(std::string_view bytes);

  /// The usage of the chunk that matched last; of what it did not have, nothing.
  const Usage& usage() const { return usage_; }
  /// False if no chunk that matches has any.
  bool has_usage() const { return has_usage_; }
  /// Where the text belongs: to a channel, or to the call under the index.
  Channel channel() const { return channel_; }
  bool is_call() const { return is_call_; }
  std::optional<std::int64_t> call_index() const { return call_index_; }

 private:
  static constexpr unsigned kVainTries = 16;
  static constexpr std::size_t kMaxHoles = 64;
  enum class Kind : std::uint8_t { text, count, ignored };
  /// A value that may differ, of a text what is between its quotes, by its place in `event_`.
  struct Hole {
    std::size_t start;
    std::size_t size;  // not of ignored values that do not differ
    Kind kind;
    bool differs;  // between chunks that were learnt; counts always may
    std::optional<std::int64_t> Usage::*count = nullptr;
  };

  void find_holes(std::string_view chunk, const ChunkFacts& facts);
  void compare(std::string_view event, const Hole& old, Hole& hole);
  const Match* match_frame(std::string_view bytes, std::size_t start, std::size_t end);
  // Chunks that never match are looked at only now and then.
  bool is_vain() const { return vain_ > kVainTries && vain_ % kVainTries != 0; }
  std::size_t hole_size(const Hole& hole, std::string_view bytes);
  std::size_t text_size(std::string_view bytes);

  std::string event_;            // the event of the remembered chunk
  std::vector<Hole> holes_;      // in their order, one of them the text; none until a chunk was learnt
  std::vector<Hole> differing_;  // those of them that are not compared
  std::string unescaped_;        // the last text, if it had escapes
  Match match_{};
  unsigned vain_ = 0;  // chunks with only one text since one matched
  Usage usage_;
  bool has_usage_ = false;
  Channel channel_ = Channel::final;
  bool is_call_ = false;
  std::optional<std::int64_t> call_index_;
};

}  // namespace tachikoma::kit
