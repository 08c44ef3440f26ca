// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// Status line and headers of one HTTP/1.1 response. Its views live until more is fed to the parser that made
/// it.
struct HttpHead {
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  int status = 0;
  std::vector<Field> fields = {};
  std::optional<std::size_t> length = {};  ///< of the body, as the server announces it

  bool ok() const { return status >= 200 && status < 300; }
  /// The first value of that name, in any case; empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// Reads one HTTP/1.1 response from bytes that arrive in any pieces: `feed` a piece, then take `next`
/// until it has nothing more. Bodies are views into the piece; nothing is copied.
///
/// Interim (1xx) responses are skipped. A violation of RFC 9112 ends the response with `failure`.
/// Not synchronised; one parser reads one response.
class HttpResponseParser {
 public:
  enum class Event : std::uint8_t { none, head, body, end };

  HttpResponseParser() = default;
  HttpResponseParser(const HttpResponseParser&) = delete;
  HttpResponseParser& operator=(const HttpResponseParser&) = delete;

  /// `bytes` must stay unchanged until `next` has returned `none`.
  void feed(std::string_view bytes) { input_ = bytes; }
  /// The next thing that the input completes; `body` sets `body()`.
  Event next();
  /// The server closed the connection: ends a body that has no other end. `next` may return `end` after it.
  void finish();

  const HttpHead& head() const { return head_; }
  std::string_view body() const { return body_; }
  /// True once any byte of the response arrived.
  bool started() const { return started_; }
  bool ended() const { return state_ == State::ended; }
  /// What is wrong with the response, as a sentence; empty: nothing.
  const std::string& failure() const { return failure_; }
  /// True if the response has ended and the connection can be reused.
  bool reusable() const;
  /// How long the server will keep an idle connection, by its own header.
  std::optional<std::chrono::seconds> keep_alive() const { return keep_alive_; }

 private:
  enum class State : std::uint8_t {
    head,
    announce,
    sized,
    until_close,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    ending,
    ended,
    failed
  };

  Event read_head();
  bool read_whole_head();
  void end_of_head(std::string_view text);
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  void choose_framing();
  void read_keeping();
  bool read_content_length();
  bool take_whole_chunk();
  void read_chunk_size();
  void read_chunk_end();
  void read_trailer();
  Event take_body(std::uint64_t limit);
  void fail(std::string reason);

  State state_ = State::head;
  State framing_ = State::until_close;  // how the body that follows the head ends
  bool started_ = false;
  bool http_1_0_ = false;
  bool keeps_ = false;  // the connection
  std::optional<std::chrono::seconds> keep_alive_;
  std::string_view input_;
  std::string_view body_;
  std::string text_;  // the head so far, if it came in several pieces
  std::size_t line_start_ = 0;
  HttpHead head_;
  std::uint64_t remaining_ = 0;  // of the sized body, or of the current chunk
  std::size_t line_length_ = 0;  // of the current chunk-size or trailer line
  std::size_t trailer_length_ = 0;
  std::size_t digits_ = 0;
  bool in_extension_ = false;
  std::string failure_;
};

/// Receives one response. Lent to a driver for one exchange; called on the thread that drives it.
class ResponseHandler {
 public:
  virtual Flow on_head(const HttpHead& head) = 0;
  /// More of the body; `kTailRoom` bytes behind it are readable. Valid until it returns.
  virtual Flow on_body(std::string_view bytes) = 0;
  /// How long the rest of the response is awaited from now on; nothing: until it is there. The time starts
  /// when this changes.
  virtual std::optional<std::chrono::milliseconds> patience() const { return std::nullopt; }
  /// More is about to be waited for.
  virtual void on_pause() {}

 protected:
  ~ResponseHandler() = default;
};

/// Passes one piece of input through the parser to the handler, which has `on_head` and `on_body` as above;
/// `stop` if the handler said so.
template <class Handler>
Flow pump(HttpResponseParser& parser, Handler& handler, std::string_view bytes) {
  parser.feed(bytes);
  while (true) {
    switch (parser.next()) {
      case HttpResponseParser::Event::none:
      case HttpResponseParser::Event::end: return Flow::proceed;
      case HttpResponseParser::Event::head:
        if (handler.on_head(parser.head()) == Flow::stop) return Flow::stop;
        break;
      case HttpResponseParser::Event::body:
        if (handler.on_body(parser.body()) == Flow::stop) return Flow::stop;
        break;
    }
  }
}

}  // namespace tachikoma::kit
