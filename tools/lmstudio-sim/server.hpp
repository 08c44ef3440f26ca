// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "call.hpp"
#include "tachikoma/plugin/result.hpp"

namespace lmstudio_sim {

/// Serves a simulator over HTTP. Ends every connection with the object.
class Server {
 public:
  /// Listens at once. Fails with `unreachable` when the address can't be had.
  static tachikoma::Result<Server> start(Simulator& simulator, const std::string& host, int port);
  Server(Server&&) noexcept;
  ~Server();

  int port() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lmstudio_sim
