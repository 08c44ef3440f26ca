// SPDX-License-Identifier: MIT
#include "real/http.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tachikoma::testing {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string_view field_of(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    std::string_view rest = head.substr(line + 2);
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (rest.size() <= name.size() || rest[name.size()] != ':' ||
        !std::equal(name.begin(), name.end(), rest.begin(), same))
      continue;
    rest.remove_prefix(name.size() + 1);
    rest = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest;
  }
  return {};
}

// Takes one chunked body from the front of `bytes`.
std::string take_chunks(std::string_view& bytes) {
  std::string body;
  for (;;) {
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) return bytes = {}, body;
    const std::size_t size = number(bytes.substr(0, line), 16);
    bytes.remove_prefix(line + 2);
    body += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size + 2, bytes.size()));
    if (size == 0) return body;
  }
}

HttpReply answer_to(int port, const std::string& request) {
  const Socket socket = Socket::connect(port);
  std::string bytes;
  if (!socket || !socket.send(request)) return {};
  while (socket.receive(bytes)) {
  }
  std::vector<HttpReply> replies = split_replies(bytes);
  return replies.empty() ? HttpReply{} : std::move(replies.front());
}

}  // namespace

std::vector<HttpReply> split_replies(std::string_view bytes) {
  std::vector<HttpReply> replies;
  for (std::size_t end; (end = bytes.find("\r\n\r\n")) != std::string_view::npos;) {
    HttpReply reply;
    reply.head = bytes.substr(0, end);
    const std::size_t space = reply.head.find(' ');
    reply.status = static_cast<int>(number(std::string_view(reply.head).substr(space + 1, 3), 10));
    bytes.remove_prefix(end + 4);
    if (field_of(reply.head, "transfer-encoding") == "chunked") {
      reply.body = take_chunks(bytes);
    } else {
      const std::string_view length = field_of(reply.head, "content-length");
      reply.body = bytes.substr(0, length.empty() ? bytes.size() : number(length, 10));
      bytes.remove_prefix(reply.body.size());
    }
    replies.push_back(std::move(reply));
  }
  return replies;
}

HttpReply http_get(int port, const std::string& path) {
  return answer_to(port, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
}

HttpReply http_post(int port, const std::string& path, const std::string& json) {
  return answer_to(port, "POST " + path +
                             " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                             "Content-Type: application/json\r\nContent-Length: " +
                             std::to_string(json.size()) + "\r\n\r\n" + json);
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Socket Socket::listen() {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(0);
  if (::bind(socket.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.fd_, 16) != 0)
    throw std::runtime_error("can't listen on 127.0.0.1");
  return socket;
}

Socket Socket::connect(int port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Socket();
  return socket;
}

int Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool Socket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Socket::receive(std::string& into) const {
  std::array<char, 65536> bytes;
  ssize_t count;
  do count = ::recv(fd_, bytes.data(), bytes.size(), 0);
  while (count < 0 && errno == EINTR);
  if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace tachikoma::testing
