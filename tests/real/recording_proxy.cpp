// SPDX-License-Identifier: MIT
#include "real/recording_proxy.hpp"

#include <array>
#include <poll.h>
#include <utility>

#include <sys/socket.h>

namespace tachikoma::testing {

RecordingProxy::RecordingProxy(int server_port, Change change)
    : server_port_(server_port),
      change_(std::move(change)),
      listener_(Socket::listen()),
      port_(listener_.port()),
      acceptor_([this] { accept_all(); }) {}

RecordingProxy::~RecordingProxy() {
  stopping_ = true;
  ::shutdown(listener_.fd(), SHUT_RDWR);
  acceptor_.join();
  for (Connection& connection : connections_) {
    ::shutdown(connection.client.fd(), SHUT_RDWR);
    ::shutdown(connection.server.fd(), SHUT_RDWR);
    connection.thread.join();
  }
}

void RecordingProxy::accept_all() {
  while (!stopping_) {
    Socket client(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    Socket server = Socket::connect(server_port_);
    if (!server) continue;  // the client sees its connection closed, as it would without us
    const std::lock_guard lock(mutex_);
    Connection& connection = connections_.emplace_back();
    connection.client = std::move(client);
    connection.server = std::move(server);
    connection.thread = std::thread([this, &connection] { pump(connection); });
  }
}

// Until one side ends; then both are closed for the other.
void RecordingProxy::pump(Connection& connection) {
  for (bool open = true; open;) {
    std::array<pollfd, 2> fds{{{connection.client.fd(), POLLIN, 0}, {connection.server.fd(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    std::string bytes;
    if (fds[0].revents) {
      open = connection.client.receive(bytes) && connection.server.send(bytes);
      const std::lock_guard lock(mutex_);
      connection.sent += bytes;
    }
    bytes.clear();
    if (open && fds[1].revents) {
      open = connection.server.receive(bytes);
      if (change_) bytes = change_(std::move(bytes));
      {
        const std::lock_guard lock(mutex_);
        connection.received += bytes;
      }
      open = connection.client.send(bytes) && open;
    }
  }
  ::shutdown(connection.client.fd(), SHUT_RDWR);
  ::shutdown(connection.server.fd(), SHUT_RDWR);
}

std::string RecordingProxy::requests() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const Connection& connection : connections_) all += connection.sent;
  return all;
}

std::vector<HttpReply> RecordingProxy::replies() const {
  const std::lock_guard lock(mutex_);
  std::vector<HttpReply> all;
  for (const Connection& connection : connections_)
    for (HttpReply& reply : split_replies(connection.received)) all.push_back(std::move(reply));
  return all;
}

}  // namespace tachikoma::testing
