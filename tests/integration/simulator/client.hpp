// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// A model of the default world.
inline const std::string kMistral = "mistral-7b";
/// What asks for a stream, behind the other members of a body.
inline const std::string kStream = R"(,"stream":true)";

/// A response as it came, whole.
struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  /// The body as JSON; fails the test when it is none.
  Value json() const;
  /// The JSON of each `data:` frame but [DONE].
  std::vector<Value> chunks() const;
};

/// One request on a connection of its own. A body is sent as JSON unless `headers` name a Content-Type.
HttpReply http(int port, const std::string& method, const std::string& path, const std::string& body = {},
               const std::map<std::string, std::string>& headers = {});
/// POST of a chat with one user text; `more` are further members of the body, as ",\"seed\":1".
HttpReply chat(int port, const std::string& model, const std::string& text, const std::string& more = {});
/// The body that `chat` sends.
std::string chat_body(const std::string& model, const std::string& text, const std::string& more = {});

/// The message in the body of a chat's response.
const Value& message_of(const Value& body);
/// A response below what was asked, for a golden file.
std::string shown(const std::string& title, const HttpReply& reply);

/// A connection whose bytes the test sees and whose end it decides.
class RawConnection {
 public:
  explicit RawConnection(int port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void send(const std::string& bytes);
  /// Sends a POST with this JSON body.
  void post(const std::string& path, const std::string& body);
  /// Reads until `text` was seen or the connection ends; everything read so far.
  const std::string& read_until(const std::string& text);
  /// Reads to the end of the connection, or its reset.
  const std::string& read_all();
  /// True when it ended with a reset.
  bool was_reset() const { return was_reset_; }

 private:
  int fd_;
  bool was_reset_ = false;
  std::string seen_;
};

}  // namespace tachikoma::testing
