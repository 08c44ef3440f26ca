// SPDX-License-Identifier: MIT
#include "exchange.hpp"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <poll.h>

#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/StreamSocket.h>

#include "base/json.hpp"

namespace lmstudio_sim {

using tachikoma::Value;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kLargestBody = 64 << 20;
// How long the end of the server may go unnoticed; a client's end wakes the wait itself.
constexpr std::chrono::milliseconds kSlice{50};

// Reads to the end, or to one byte past the limit.
std::string read_body(std::istream& in) {
  std::string body;
  std::array<char, 16384> piece;
  while (body.size() <= kLargestBody) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.gcount() <= 0) break;
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  return body;
}

}  // namespace

Exchange::Exchange(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                   const std::atomic<bool>& stopping)
    : request_(request),
      response_(response),
      stopping_(stopping),
      method_(request.getMethod()),
      path_(request.getURI().substr(0, request.getURI().find('?'))),
      body_(read_body(request.stream())),
      too_large_(body_.size() > kLargestBody) {
  if (too_large_) response_.setKeepAlive(false);
  response_.set("X-Powered-By", "Express");
  if (response_.getKeepAlive()) response_.set("Keep-Alive", "timeout=5");
}

Poco::Net::StreamSocket& Exchange::socket() {
  return static_cast<Poco::Net::HTTPServerRequestImpl&>(request_).socket();
}

std::string Exchange::header(const char* name) const { return request_.get(name, ""); }

Value Exchange::headers() const {
  Value headers = Value::object();
  for (const auto& [name, value] : request_) headers.set(name, value);
  return headers;
}

void Exchange::add_header(const char* name, const std::string& value) { response_.set(name, value); }

void Exchange::send_json(int status, const Value& body) {
  send(status, "application/json; charset=utf-8", tachikoma::base::to_json(body, 2));
}

void Exchange::send(int status, const char* content_type, std::string_view body) {
  status_ = status;
  response_.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
  response_.setContentType(content_type);
  response_.sendBuffer(body.data(), body.size());
}

void Exchange::begin_stream(const char* content_type) {
  status_ = 200;
  response_.setContentType(content_type);
  response_.set("Cache-Control", "no-cache");
  response_.setChunkedTransferEncoding(true);
  stream_ = &response_.send();
}

bool Exchange::write(std::string_view text) {
  stream_->write(text.data(), static_cast<std::streamsize>(text.size()));
  stream_->flush();
  return stream_->good();
}

bool Exchange::wait(std::chrono::microseconds time) {
  const auto end = Clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now());
    const auto slice = std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), kSlice);
    const timespec limit{0, static_cast<long>(slice.count())};
    // POLLRDHUP is the client's end without reading: bytes of a next request must stay where they are
    pollfd fd{socket().impl()->sockfd(), POLLRDHUP, 0};
    if (::ppoll(&fd, 1, &limit, nullptr) > 0 || stopping_) return false;
    if (Clock::now() >= end) return true;
  }
}

void Exchange::wait_for_end() {
  while (wait(std::chrono::hours(1))) {
  }
}

void Exchange::drop() {
  response_.setKeepAlive(false);
  try {
    socket().shutdown();
  } catch (const Poco::Exception&) {
    // the client was faster
  }
}

void Exchange::send_truncated(std::string_view body, std::size_t length) {
  status_ = 200;
  response_.setContentType("application/json; charset=utf-8");
  response_.setContentLength64(static_cast<Poco::Int64>(length));
  stream_ = &response_.send();
  write(body);
  drop();
}

}  // namespace lmstudio_sim
