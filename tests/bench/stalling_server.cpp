// SPDX-License-Identifier: MIT
#include "bench/stalling_server.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tachikoma::bench {
namespace {

int listen_on_loopback(int backlog) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, backlog) != 0)
    throw std::runtime_error("no port to listen on");
  return fd;
}

sockaddr_in address_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return address;
}

std::string url_of(int listener) {
  return "http://127.0.0.1:" + std::to_string(ntohs(address_of(listener).sin_port)) + "/v1";
}

// The bytes of one request; empty when the client closed.
std::string read_request(int connection) {
  std::string request;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = ::recv(connection, bytes.data(), bytes.size(), 0);
    if (count <= 0) return {};
    request.append(bytes.data(), static_cast<std::size_t>(count));
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t length = request.find(kLength);
    const std::size_t body =
        length == std::string::npos ? 0 : std::stoul(request.substr(length + kLength.size()));
    if (request.size() >= head + 4 + body) return request;
  }
}

void send_text(int connection, std::string_view text) {
  if (::send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;  // the client has gone: fine
}

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
constexpr std::string_view kLoading =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 9\r\nContent-Length: "
    "27\r\n"
    "Connection: close\r\n\r\n"
    R"({"error":"Loading a model"})";
constexpr std::string_view kDelta = R"(data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]})"
                                    "\n\n";
constexpr std::string_view kCall =
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","type":"function",)"
    R"("function":{"name":"wait","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})"
    "\n\ndata: [DONE]\n\n";

}  // namespace

StallingServer::StallingServer(std::function<void()> on_request)
    : on_request_(std::move(on_request)), listener_(listen_on_loopback(64)), thread_([this] { serve(); }) {}

StallingServer::~StallingServer() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string StallingServer::base_url() const { return url_of(listener_); }

void StallingServer::serve() {
  while (!ending_) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void StallingServer::answer(int connection) const {
  const std::string request = read_request(connection);
  if (request.find(R"("calling")") != std::string::npos) {
    send_text(connection, kHead);
    send_text(connection, kCall);
    return;
  }
  if (request.find(R"("loading")") != std::string::npos) {
    send_text(connection, kLoading);
    return on_request_();
  }
  if (request.find(R"("talking")") != std::string::npos) {
    send_text(connection, kHead);
    send_text(connection, kDelta);
  } else if (!request.empty()) {
    on_request_();
  }
  std::array<char, 1> byte;
  while (::recv(connection, byte.data(), byte.size(), 0) > 0) {
  }
}

// With a backlog of 0 the kernel queues one connection; it leaves further ones without an answer.
FullQueue::FullQueue() : listener_(listen_on_loopback(0)), first_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const sockaddr_in address = address_of(listener_);
  if (::connect(first_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the queue could not be filled");
}

FullQueue::~FullQueue() {
  ::close(first_);
  ::close(listener_);
}

std::string FullQueue::base_url() const { return url_of(listener_); }

}  // namespace tachikoma::bench
