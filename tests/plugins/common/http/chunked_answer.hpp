// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <string>

namespace tachikoma::testing {

// A streamed answer, in the pieces that a server sends.
inline const std::string kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n";

inline std::string chunk(const std::string& text) {
  std::ostringstream out;
  out << std::hex << text.size() << "\r\n" << text << "\r\n";
  return out.str();
}
inline std::string delta(const std::string& text) {
  return chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n");
}
inline const std::string kEnd =
    chunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n") +
    "0\r\n\r\n";
inline const std::string kAnswer = kHead + "\r\n" + delta("Hi") + kEnd;

}  // namespace tachikoma::testing
