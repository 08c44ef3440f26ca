// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tachikoma::bench {

/// The first model of the replay server's list.
inline constexpr char kModel[] = "openai/gpt-oss-20b";
inline constexpr std::int64_t kEmbeddedTexts = 16;
inline constexpr std::int64_t kEmbeddingSize = 768;

/// What a client received: the proof that each did the whole work.
struct Tally {
  std::int64_t answers = 0;
  std::int64_t chunks = 0;  ///< pieces of content of streams; numbers of vectors
  std::int64_t bytes = 0;   ///< of content, decoded
  friend bool operator==(const Tally&, const Tally&) = default;
  Tally& operator+=(const Tally& other) {
    answers += other.answers;
    chunks += other.chunks;
    bytes += other.bytes;
    return *this;
  }
};

/// What stays the same from chunk to chunk. A server repeats id and time; some write new ones into each.
enum class Style { repeating, changing };

/// LM Studio's shapes: 64 distinct contents, chunks of about 280 bytes, each in an HTTP chunk of its own.
inline constexpr std::int64_t kBatch = 2048;
std::string_view batch(Style style);  ///< the first kBatch chunks
std::string_view stream_head();
std::string content_event(Style style, std::int64_t index);
std::string stream_tail();  ///< the finish, the usage and [DONE]

std::string model_list(std::int64_t models);  ///< the whole response, as those below
std::string_view completion();
std::string_view embeddings();
std::string_view tool_call();
std::string_view not_found();

/// What a client of one stream of so many chunks must have received.
Tally stream_tally(std::int64_t chunks);
/// The bytes of content in `completion()`.
std::int64_t completion_bytes();

}  // namespace tachikoma::bench
