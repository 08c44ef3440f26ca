// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/http/http_endpoint.hpp"
#include "common/http/http_response.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Reads one response off a connection, whoever drives it: what arrives goes to a handler, and every way to
/// end gets its name here. Not synchronised.
class ResponseReader {
 public:
  enum class Progress : std::uint8_t {
    more,               ///< more is to come
    whole,              ///< the response ended; the connection may be kept
    stopped,            ///< the handler wants no more
    lost_before_reply,  ///< the connection was lost, and nothing of a response had come
  };

  /// Both must outlive it.
  ResponseReader(const HttpEndpoint& endpoint, ResponseHandler& handler)
      : endpoint_(endpoint), handler_(handler) {}

  /// What arrived, with `kTailRoom` readable bytes behind it; empty when the server closed. Fails with
  /// `unreachable` when the response is cut off, and with `protocol` when it is no HTTP.
  Result<Progress> read(std::string_view bytes);
  /// Receiving failed: the connection is lost.
  Result<Progress> read_failure(std::string cause);
  /// Sending failed. A server may refuse a request before it has read all of it: what it answered counts
  /// more.
  void on_send_failure(std::string cause) { cause_ = std::move(cause); }

  /// True once any byte of the response arrived.
  bool started() const { return parser_.started(); }
  /// True when the rest of the response can't matter any more: it is awaited only for a moment, so that the
  /// connection can be kept.
  bool satisfied() const { return handler_.satisfied(); }
  const HttpResponseParser& response() const { return parser_; }

 private:
  const HttpEndpoint& endpoint_;
  ResponseHandler& handler_;
  HttpResponseParser parser_;
  std::string cause_;
};

/// How long the end of a response is awaited that can't matter any more.
inline constexpr auto kGraceForTheEnd = std::chrono::milliseconds(50);

}  // namespace tachikoma::kit
