// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace tachikoma::testing {

/// One accepted connection of a test's server. Closed by its destructor.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Reads one whole request, head and body; empty when the client closed first.
  std::string read_request();
  void send(std::string_view bytes);
  /// Waits until the client closes; false when it sends something or nothing happens for 20 s.
  bool wait_for_close();
  /// Closes so that the client sees a reset.
  void reset();

 private:
  int fd_;
};

/// A server on a free loopback port: accepts one connection after another and hands it to the test's
/// script, on its own thread, with its number from 0. Ends with its destructor.
class LoopbackServer {
 public:
  using Script = std::function<void(Peer& peer, int number)>;

  explicit LoopbackServer(Script script);
  ~LoopbackServer();

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  std::uint16_t port_ = 0;
  int listener_;
  std::thread thread_;
};

/// A loopback port without a listener, which the system gives to no other program until this one
/// ends; a server can still listen there with SO_REUSEADDR.
std::uint16_t refused_port();

/// Descriptors that this process has open.
std::size_t open_descriptors();

}  // namespace tachikoma::testing
