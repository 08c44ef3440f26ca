// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "real/http.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// What a server said in one streamed chat reply, read straight from its bytes.
struct ServerStream {
  std::vector<std::string> deltas;  ///< every content that is not empty, invalid UTF-8 repaired
  Value usage;                      ///< as sent, or null
  std::string finish;
  bool done = false;  ///< the closing [DONE] came

  std::string text() const;
};

/// Reads a reply of the type text/event-stream.
ServerStream read_stream(const HttpReply& reply);

/// The event streams among the replies.
std::vector<ServerStream> streams_of(const std::vector<HttpReply>& replies);

/// The `model` of every chat request in what clients sent, in order.
std::vector<std::string> requested_models(const std::string& requests);

}  // namespace tachikoma::testing
