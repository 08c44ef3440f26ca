// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/chat/chat_reply.hpp"
#include "common/http/http_response.hpp"
#include "support/recording_sink.hpp"

namespace tachikoma::testing {

/// The tools of a request that offers any.
inline const std::vector<ToolSpec> kTools{{.name = "add"}, {.name = "sub"}, {.name = "now"}};

/// Plays one response to the core as a driver does, and tells what came out.
class Playback {
 public:
  /// `stop_after`: the deltas after which the sink wants no more; 0 is never. `tools_offered`: by the
  /// request.
  explicit Playback(std::size_t stop_after = 0, bool tools_offered = false)
      : request_{.tools = tools_offered ? kTools : std::vector<ToolSpec>()},
        facts_{.request = {.base_url = "http://host:1", .model = "m"}, .chat = &request_},
        reply_(sink_, facts_) {
    sink_.stop_after = stop_after;
  }

  /// The piece has `kTailRoom` readable bytes behind it.
  void feed(std::string_view piece);
  /// The same for any piece, from memory of its own, so that a sanitizer sees a read beyond the promised
  /// room. `filler` is what that room holds.
  void feed_copied(std::string_view piece, char filler = '\0');
  /// The server closed the connection: every event, and the outcome.
  std::string finish();

 private:
  RecordingSink sink_;
  ChatRequest request_;
  kit::ChatFacts facts_;
  kit::HttpResponseParser parser_;
  kit::ChatReply reply_;
  bool stopped_ = false;
};

}  // namespace tachikoma::testing
