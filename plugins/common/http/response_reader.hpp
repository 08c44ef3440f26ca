// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/http_endpoint.hpp"
#include "common/http/http_response.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Reads one response from a connection, for blocking and non-blocking clients: data goes to a handler, and
/// every way to end is classified here. Not synchronised.
class ResponseReader {
 public:
  enum class Progress : std::uint8_t {
    more,               ///< more is to come
    whole,              ///< the response has ended; the connection may be kept
    stopped,            ///< the handler stopped it
    redirected,         ///< ask again at `target()`, on another connection
    lost_before_reply,  ///< the connection was lost before any byte of a response
  };

  /// Both must outlive it.
  ResponseReader(const HttpEndpoint& endpoint, ResponseHandler& handler)
      : endpoint_(endpoint), handler_(handler) {}

  /// Processes what arrived, with `kTailRoom` readable bytes behind it; empty if the server closed. Fails
  /// with `unreachable` if the response is cut off, and with `protocol` if it is not HTTP.
  Result<Progress> read(std::string_view bytes);
  /// Receiving failed: the connection is lost.
  Result<Progress> read_failure(std::string cause);
  /// Sending failed. A server may reject a request before it has read all of it: its answer counts
  /// more.
  void on_send_failure(std::string cause) { cause_ = std::move(cause); }

  /// More is about to be waited for.
  void pause() { handler_.on_pause(); }

  /// True once the request won't be needed again.
  bool committed() const { return head_read_ && target_.empty(); }
  /// The path to which the server redirects the request, if that is on the same server.
  const std::string& target() const { return target_; }
  /// The time left for the rest of the response; nothing: no limit.
  std::optional<std::chrono::milliseconds> time_left();
  const HttpResponseParser& response() const { return parser_; }

 private:
  class Gate;

  const HttpEndpoint& endpoint_;
  ResponseHandler& handler_;
  HttpResponseParser parser_;
  std::string cause_;
  bool head_read_ = false;
  std::string target_;
  std::optional<Error> refused_;  // a redirect to elsewhere
  std::optional<std::chrono::milliseconds> patience_;
  std::chrono::steady_clock::time_point patience_ends_{};
};

}  // namespace tachikoma::kit
