// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "real/http.hpp"

namespace tachikoma::testing {

/// Stands between a client and a server on 127.0.0.1, passes every byte on, and keeps what went by: the truth
/// to compare a client's account with.
class RecordingProxy {
 public:
  /// Changes what the server sent before it is kept and passed on; called with whatever arrived together.
  using Change = std::function<std::string(std::string)>;

  explicit RecordingProxy(int server_port, Change change = {});
  ~RecordingProxy();
  RecordingProxy(const RecordingProxy&) = delete;
  RecordingProxy& operator=(const RecordingProxy&) = delete;

  int port() const { return port_; }
  /// What clients have sent so far, all connections in the order of their start.
  std::string requests() const;
  /// The replies that were passed on so far, in the same order.
  std::vector<HttpReply> replies() const;

 private:
  struct Connection {
    Socket client, server;
    std::string sent, received;
    std::thread thread;
  };
  void accept_all();
  void pump(Connection& connection);

  const int server_port_;
  const Change change_;
  Socket listener_;
  int port_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  // connections_ and what they recorded
  std::list<Connection> connections_;
  std::thread acceptor_;
};

}  // namespace tachikoma::testing
