// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "http/exchange.hpp"
#include "http/problem.hpp"

namespace lmstudio_sim {

/// Answers one request, to its end, on the thread that serves it.
using ExchangeHandler = std::function<void(Exchange&)>;

/// Serves one port. The destructor ends every connection.
class Server {
 public:
  /// Starts listening; a problem when the address can't be used.
  static std::variant<Server, Problem> start(ExchangeHandler handler, const std::string& host, int port);
  Server(Server&&) noexcept;
  ~Server();

  int port() const;
  /// Releases the port; the connections stay open until the object is destroyed.
  void close_port();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A server that can be started and stopped from any thread, even from a connection of its own.
class SwitchedServer {
 public:
  /// Off at first; `port` is what `start(0)` uses the first time.
  SwitchedServer(ExchangeHandler handler, std::string host, int port);
  ~SwitchedServer();
  /// Serves this port, or with 0 the last one. Fails while it is running on another.
  std::optional<Problem> start(int port);
  void stop();
  /// 0 while it is off.
  int port() const;

 private:
  const ExchangeHandler handler_;
  const std::string host_;
  mutable std::mutex mutex_;
  int default_port_;  // all below mutex_ are guarded by it
  std::optional<Server> server_;
  std::vector<std::thread> closers_;  // destroy stopped servers, which their own threads can't do
};

}  // namespace lmstudio_sim
