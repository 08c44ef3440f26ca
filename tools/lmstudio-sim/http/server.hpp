// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "openai/routes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace lmstudio_sim {

/// Serves a simulator at one port. Ends every connection with the object.
class Server {
 public:
  /// Listens at once. Fails with `unreachable` when the address can't be had.
  static tachikoma::Result<Server> start(Simulator& simulator, const std::string& host, int port,
                                         Surface surface);
  Server(Server&&) noexcept;
  ~Server();

  int port() const;
  /// Gives the port back; the connections stay until the object ends.
  void close_port();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The HTTP server of a simulator, which clients of the WebSocket may start and stop, even over a
/// connection of that server.
class SwitchedServer final : public HttpSwitch {
 public:
  /// Off at first; `port` is what `start` takes without another.
  SwitchedServer(Simulator& simulator, std::string host, int port);
  ~SwitchedServer() override;
  std::optional<tachikoma::Error> start(int port) override;
  void stop() override;
  int port() const override;

 private:
  Simulator& simulator_;
  const std::string host_;
  mutable std::mutex mutex_;
  int default_port_;  // all below mutex_ are guarded by it
  std::optional<Server> server_;
  std::vector<std::thread> closers_;  // end what was stopped: a thread of that server can't
};

}  // namespace lmstudio_sim
