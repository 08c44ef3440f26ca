// SPDX-License-Identifier: MIT
#include "integration/simulator/client.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <unistd.h>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/json.hpp"

namespace tachikoma::testing {

Value HttpReply::json() const { return base::parse_json(body).value(); }

std::vector<Value> HttpReply::chunks() const {
  static const std::string kData = "data: ";
  std::vector<Value> chunks;
  for (std::size_t at = body.find(kData); at != std::string::npos; at = body.find(kData, at + 1)) {
    const std::size_t start = at + kData.size();
    const std::string text = body.substr(start, body.find('\n', start) - start);
    if (text != "[DONE]") chunks.push_back(base::parse_json(text).value());
  }
  return chunks;
}

HttpReply http(int port, const std::string& method, const std::string& path, const std::string& body,
               const std::map<std::string, std::string>& headers) {
  Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(port));
  Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
  if (!body.empty()) request.setContentType("application/json");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.setContentLength(static_cast<std::streamsize>(body.size()));
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  HttpReply reply;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), reply.body);
  reply.status = response.getStatus();
  for (const auto& [name, value] : response) reply.headers[name] = value;
  return reply;
}

std::string chat_body(const std::string& model, const std::string& text, const std::string& more) {
  std::string body = R"({"model":)";
  base::append_json_string(body, model);
  body += R"(,"messages":[{"role":"user","content":)";
  base::append_json_string(body, text);
  return body + "}]" + more + "}";
}

HttpReply chat(int port, const std::string& model, const std::string& text, const std::string& more) {
  return http(port, "POST", "/v1/chat/completions", chat_body(model, text, more));
}

const Value& message_of(const Value& body) { return body["choices"].elements().at(0)["message"]; }

std::string shown(const std::string& title, const HttpReply& reply) {
  return title + "\n" + std::to_string(reply.status) + " " + reply.body + "\n\n";
}

RawConnection::RawConnection(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect failed");
  const timeval limit{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

RawConnection::~RawConnection() { ::close(fd_); }

void RawConnection::send(const std::string& bytes) {
  if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("send failed");
}

void RawConnection::post(const std::string& path, const std::string& body) {
  send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
       std::to_string(body.size()) + "\r\n\r\n" + body);
}

const std::string& RawConnection::read_until(const std::string& text) {
  std::array<char, 4096> bytes;
  while (seen_.find(text) == std::string::npos) {
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count < 0) throw std::runtime_error("nothing came within the test's limit, after: " + seen_);
    if (count == 0) break;
    seen_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return seen_;
}

const std::string& RawConnection::read_all() {
  std::array<char, 4096> bytes;
  ssize_t count = 0;
  while ((count = ::recv(fd_, bytes.data(), bytes.size(), 0)) > 0)
    seen_.append(bytes.data(), static_cast<std::size_t>(count));
  was_reset_ = count < 0 && errno == ECONNRESET;
  if (count < 0 && !was_reset_)
    throw std::runtime_error("the connection did not end within the test's limit");
  return seen_;
}

}  // namespace tachikoma::testing
