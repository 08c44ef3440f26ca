// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <iosfwd>
#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace Poco::Net {
class HTTPServerRequest;
class HTTPServerResponse;
class StreamSocket;
}  // namespace Poco::Net

namespace lmstudio_sim {

/// One request and its response, over POCO. Used by the thread that serves the request.
class Exchange {
 public:
  /// Reads the whole body. `stopping` is set when the server ends.
  Exchange(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
           const std::atomic<bool>& stopping);

  const std::string& method() const { return method_; }
  const std::string& path() const { return path_; }  ///< as it came, without the query
  const std::string& body() const { return body_; }
  bool body_too_large() const { return too_large_; }
  std::string header(const char* name) const;
  tachikoma::Value headers() const;

  /// The status that was sent; 0 when none was.
  int status() const { return status_; }
  void add_header(const char* name, const std::string& value);
  void send_json(int status, const tachikoma::Value& body);
  void send(int status, const char* content_type, std::string_view body);

  /// Starts a response that `write` continues, in chunks.
  void begin_stream(const char* content_type);
  /// Sends text at once; false when the client is gone.
  bool write(std::string_view text);
  /// Waits that long; false as soon as the client is gone or the server ends.
  bool wait(std::chrono::microseconds time);
  /// Waits until the client is gone or the server ends.
  void wait_for_end();
  /// Ends the connection now; what was begun stays unfinished.
  void drop();
  /// Promises `length` bytes, sends fewer, and ends the connection.
  void send_truncated(std::string_view body, std::size_t length);

 private:
  Poco::Net::StreamSocket& socket();

  Poco::Net::HTTPServerRequest& request_;
  Poco::Net::HTTPServerResponse& response_;
  const std::atomic<bool>& stopping_;
  std::string method_, path_, body_;
  bool too_large_ = false;
  int status_ = 0;
  std::ostream* stream_ = nullptr;
};

}  // namespace lmstudio_sim
