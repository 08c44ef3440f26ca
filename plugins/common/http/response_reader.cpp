// SPDX-License-Identifier: MIT
#include "common/http/response_reader.hpp"

#include <algorithm>
#include <utility>

namespace tachikoma::kit {

// In front of the handler: a redirect is none of its business.
struct ResponseReader::Gate {
  ResponseReader& reader;

  Flow on_head(const HttpHead& head) {
    reader.head_read_ = true;
    const std::string_view location = head.header("Location");
    if (head.status < 300 || head.status >= 400 || location.empty()) return reader.handler_.on_head(head);
    Result<std::string> target = reader.endpoint_.redirect_target(head.status, location);
    if (target)
      reader.target_ = *std::move(target);
    else
      reader.refused_ = std::move(target).error();
    return Flow::stop;
  }
  Flow on_body(std::string_view bytes) { return reader.handler_.on_body(bytes); }
};

Result<ResponseReader::Progress> ResponseReader::read(std::string_view bytes) {
  const bool closed = bytes.empty();
  if (closed) parser_.finish();
  Gate gate{*this};
  if (pump(parser_, gate, bytes) == Flow::stop) {
    if (refused_) return *std::move(refused_);
    return target_.empty() ? Progress::stopped : Progress::redirected;
  }
  if (!parser_.failure().empty()) return endpoint_.no_http(parser_.failure());
  if (parser_.ended()) return Progress::whole;
  if (!closed) return Progress::more;
  if (!parser_.started()) return Progress::lost_before_reply;
  return endpoint_.lost("closed the connection in mid-reply", "cut", cause_);
}

std::optional<std::chrono::milliseconds> ResponseReader::time_left() {
  const auto patience = handler_.patience();
  if (!patience) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  if (patience != std::exchange(patience_, patience)) patience_ends_ = now + *patience;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(patience_ends_ - now),
                  std::chrono::milliseconds(0));
}

Result<ResponseReader::Progress> ResponseReader::read_failure(std::string cause) {
  cause_ = std::move(cause);
  return read({});
}

}  // namespace tachikoma::kit
