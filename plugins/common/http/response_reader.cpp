// SPDX-License-Identifier: MIT
#include "common/http/response_reader.hpp"

#include <algorithm>
#include <utility>

namespace tachikoma::kit {

Result<ResponseReader::Progress> ResponseReader::read(std::string_view bytes) {
  const bool closed = bytes.empty();
  if (closed) parser_.finish();
  if (pump(parser_, handler_, bytes) == Flow::stop) return Progress::stopped;
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
