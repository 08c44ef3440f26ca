// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "http/json_value.hpp"
#include "http/wire.hpp"

namespace Poco::Net {
class HTTPServerRequest;
class HTTPServerResponse;
class WebSocket;
}  // namespace Poco::Net

namespace lmstudio_sim {

/// One request and its response. POCO reads the request and writes the headers; the response goes out
/// through `Wire`, where faults can reach each byte. Used by the thread that serves the request.
class Exchange {
 public:
  /// Reads the whole body. `stopping` is set when the server ends.
  Exchange(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
           const std::atomic<bool>& stopping);

  const std::string& method() const { return method_; }
  const std::string& path() const { return path_; }  ///< still percent-encoded, without the query
  const std::string& body() const { return body_; }
  bool body_too_large() const { return too_large_; }
  std::string header(const char* name) const;
  JsonValue headers() const;
  Wire& wire() { return wire_; }

  /// True when the client asks for a WebSocket.
  bool wants_websocket() const;
  /// Turns the connection into one. Throws Poco's WebSocketException when the handshake is invalid.
  Poco::Net::WebSocket accept_websocket();

  /// The status that was sent; 0 when none was.
  int status() const { return status_; }
  void add_header(const char* name, const std::string& value);
  void send_json(int status, const JsonValue& body);
  void send(int status, const char* content_type, std::string_view body);

  /// Starts a response that `write` continues, in chunks, until `finish`.
  bool begin_stream(const char* content_type);
  bool streaming() const { return streaming_; }
  /// Sends text at once; false when the client is gone.
  bool write(std::string_view text);
  /// Promises `length` bytes, sends fewer, and ends the connection.
  void send_truncated(std::string_view body, std::size_t length);
  /// Ends the stream, if there is one, and decides whether the connection serves another request.
  void finish();

 private:
  bool begin(int status, const char* content_type);

  Poco::Net::HTTPServerRequest& request_;
  Poco::Net::HTTPServerResponse& response_;
  Wire wire_;
  std::string method_, path_, body_;
  bool too_large_ = false, streaming_ = false;
  int status_ = 0;
};

}  // namespace lmstudio_sim
