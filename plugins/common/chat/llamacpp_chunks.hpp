// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "common/chat/chunk_reader.hpp"
#include "common/chat/lenient_json.hpp"

namespace tachikoma::kit {

/// Reads what only llama.cpp's server sends: the members of its own `/completion`, and the progress and
/// timings that any of its chunks may have. Private to the chunk reader.
class LlamaCppChunks {
 public:
  LlamaCppChunks(LenientJson& json, ChunkFacts& facts) : json_(json), facts_(facts) {}

  void start();
  /// Reads the member; nullopt when it is none of these, false when the JSON is broken.
  std::optional<bool> read(std::string_view key, Json& value);
  /// All members were read.
  void settle();

 private:
  bool read_progress(Json& value);

  LenientJson& json_;
  ChunkFacts& facts_;
  std::string_view stop_type_;
  bool stops_ = false;
};

}  // namespace tachikoma::kit
