// SPDX-License-Identifier: MIT
#include "support/loopback_server.hpp"

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tachikoma::testing {
namespace {

int bind_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no loopback port");
  port = ntohs(address.sin_port);
  return fd;
}

// -1: the listener was shut down. A test may leave this process without a free descriptor for a while, and
// then it fails even if nobody connects.
int accept_next(int listener) {
  while (true) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0 || errno != EMFILE) return fd;
    std::this_thread::yield();
  }
}

}  // namespace

Peer::~Peer() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Peer::read_request() {
  std::string request;
  char buffer[4096];
  while (true) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t length = request.find("Content-Length: ");
      const std::size_t body = length < head ? std::stoul(request.substr(length + 16)) : 0;
      if (request.size() >= head + 4 + body) return request;
    }
    const ssize_t size = ::recv(fd_, buffer, sizeof buffer, 0);
    if (size <= 0) return {};
    request.append(buffer, static_cast<std::size_t>(size));
  }
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool Peer::wait_for_close() {
  pollfd polled{fd_, POLLIN, 0};
  char byte = 0;
  return ::poll(&polled, 1, 20000) > 0 && ::recv(fd_, &byte, 1, 0) <= 0;
}

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(fd_, -1));
}

LoopbackServer::LoopbackServer(Script script) : listener_(bind_loopback(port_)) {
  if (::listen(listener_, 512) != 0) throw std::runtime_error("can't listen");
  thread_ = std::thread([this, script = std::move(script)] {
    for (int number = 0;; ++number) {
      const int fd = accept_next(listener_);
      if (fd < 0) return;
      Peer peer(fd);
      script(peer, number);
    }
  });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::uint16_t refused_port() {
  std::uint16_t port = 0;
  bind_loopback(port);  // and keep it
  return port;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace tachikoma::testing
