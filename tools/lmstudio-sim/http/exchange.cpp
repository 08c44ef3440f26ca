// SPDX-License-Identifier: MIT
#include "http/exchange.hpp"

#include <array>
#include <cstdio>
#include <istream>
#include <sstream>

#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/String.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::size_t kMaxBodySize = 64 << 20;

// Reads to the end, or to one byte past the limit.
std::string read_body(std::istream& in) {
  std::string body;
  std::array<char, 16384> piece;
  while (body.size() <= kMaxBodySize) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.gcount() <= 0) break;
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  return body;
}

Poco::Net::StreamSocket& socket_of(Poco::Net::HTTPServerRequest& request) {
  return static_cast<Poco::Net::HTTPServerRequestImpl&>(request).socket();
}

}  // namespace

Exchange::Exchange(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                   const std::atomic<bool>& stopping)
    : request_(request),
      response_(response),
      wire_(socket_of(request), stopping),
      method_(request.getMethod()),
      path_(request.getURI().substr(0, request.getURI().find('?'))),
      body_(read_body(request.stream())),
      too_large_(body_.size() > kMaxBodySize) {
  if (too_large_) response_.setKeepAlive(false);
  response_.set("X-Powered-By", "Express");
  if (response_.getKeepAlive()) response_.set("Keep-Alive", "timeout=5");
}

std::string Exchange::header(const char* name) const { return request_.get(name, ""); }

JsonValue Exchange::headers() const {
  JsonValue headers = JsonValue::object();
  for (const auto& [name, value] : request_) headers.set(name, value);
  return headers;
}

bool Exchange::wants_websocket() const {
  return method_ == "GET" && Poco::icompare(request_.get("Upgrade", ""), "websocket") == 0;
}

Poco::Net::WebSocket Exchange::accept_websocket() {
  response_.erase("Keep-Alive");
  const Poco::Net::WebSocket socket(request_, response_);
  response_.setKeepAlive(false);  // HTTP is done with this connection
  status_ = Poco::Net::HTTPResponse::HTTP_SWITCHING_PROTOCOLS;
  return socket;
}

void Exchange::add_header(const char* name, const std::string& value) { response_.set(name, value); }

bool Exchange::begin(int status, const char* content_type) {
  status_ = status;
  response_.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
  response_.setContentType(content_type);
  std::ostringstream head;
  response_.write(head);
  return wire_.begin(head.str());
}

void Exchange::send_json(int status, const JsonValue& body) {
  send(status, "application/json; charset=utf-8", to_json(body, 2));
}

void Exchange::send(int status, const char* content_type, std::string_view body) {
  response_.setContentLength64(static_cast<Poco::Int64>(body.size()));
  if (begin(status, content_type) && method_ != "HEAD") wire_.send(body);
}

bool Exchange::begin_stream(const char* content_type) {
  response_.set("Cache-Control", "no-cache");
  response_.setChunkedTransferEncoding(true);
  streaming_ = true;
  return begin(200, content_type);
}

bool Exchange::write(std::string_view text) {
  std::array<char, 20> size;
  const int length = std::snprintf(size.data(), size.size(), "%zX\r\n", text.size());
  std::string chunk(size.data(), static_cast<std::size_t>(length));
  chunk += text;
  return wire_.send(chunk += "\r\n");
}

void Exchange::send_truncated(std::string_view body, std::size_t length) {
  response_.setContentLength64(static_cast<Poco::Int64>(length));
  if (begin(200, "application/json; charset=utf-8") && wire_.send(body)) wire_.close();
}

void Exchange::finish() {
  if (streaming_) wire_.send("0\r\n\r\n");
  if (!wire_.usable()) response_.setKeepAlive(false);
}

}  // namespace lmstudio_sim
