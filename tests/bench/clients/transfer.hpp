// SPDX-License-Identifier: MIT
#pragma once

#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

/// One request of libcurl and the reading of its answer, as a careful author writes it: lines are split in
/// one buffer, and simdjson's on-demand parser reads each where it lies. Its connection is kept for the next.
class Transfer {
 public:
  enum class Form { events, json };

  /// The parser may serve other transfers of the same thread.
  Transfer(const std::string& url, simdjson::ondemand::parser& parser);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() { return curl_; }
  /// Prepares a request; `body` must live until it has ended.
  void prepare(const std::string& body, Form form = Form::events);
  /// The whole of it, on this thread.
  void perform(const std::string& body, Form form = Form::events);
  /// To be called once it has ended; throws what `code` says.
  void finish(CURLcode code);

  const Tally& tally() const { return tally_; }
  /// The tool call of the last answer; its name is empty if there was none.
  struct Call {
    std::string id, name, arguments;
  };
  const Call& call() const { return call_; }
  /// The body of the last answer that was JSON, with the parser's padding behind it.
  simdjson::padded_string_view json() const {
    return simdjson::padded_string_view(buffer_.data(), used_, buffer_.size());
  }

 private:
  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self);
  void feed(std::string_view bytes);
  void split();
  void on_line(std::size_t start, std::size_t stop);
  void on_tool_calls(simdjson::ondemand::array calls);

  simdjson::ondemand::parser& parser_;
  CURL* curl_;
  curl_slist* headers_;
  Form form_ = Form::events;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  Tally tally_;
  Call call_;
};

}  // namespace tachikoma::bench
