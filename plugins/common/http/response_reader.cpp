// SPDX-License-Identifier: MIT
#include "common/http/response_reader.hpp"

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

Result<ResponseReader::Progress> ResponseReader::read_failure(std::string cause) {
  cause_ = std::move(cause);
  return read({});
}

}  // namespace tachikoma::kit
