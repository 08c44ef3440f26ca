// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "common/chat/chunk_reader.hpp"
#include "common/chat/lenient_json.hpp"

namespace tachikoma::kit {

/// Reads what only LM Studio's `/api/v1/chat` sends: the members of its named events, and of the one document
/// that is its whole reply and is repeated at the end of its streams. Private to the chunk reader.
///
/// A member's meaning depends on the event's `type`, which may follow it: so `settle` comes last.
class LmStudioEvents {
 public:
  LmStudioEvents(LenientJson& json, ChunkFacts& facts) : json_(json), facts_(facts) {}

  void start();
  /// Reads the member; nullopt when it is none of these, false when the JSON is broken.
  std::optional<bool> read(std::string_view key, Json& value);
  /// All members were read.
  void settle();

 private:
  bool read_output(Json& value);
  bool read_item(simdjson::ondemand::object& item);
  bool read_result(Json& value);
  bool read_metadata(Json& value);
  void settle_progress(std::string_view start, std::string_view what);

  LenientJson& json_;
  ChunkFacts& facts_;
  std::string_view type_;
  std::string_view reason_;
  std::string_view tool_;
  double progress_ = 0;
};

}  // namespace tachikoma::kit
