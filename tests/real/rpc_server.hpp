// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "real/launched_world.hpp"
#include "support/process.hpp"

namespace tachikoma::testing {

/// llama.cpp's RPC server on a free port.
class RpcServer {
 public:
  RpcServer();
  /// Beside the llama-server, where it is at hand.
  static std::string path();
  /// Says that a test is skipped if it is not.
  static bool is_installed();
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void kill();

 private:
  const int port_;
  Process process_;
};

/// A runtime whose provider `local` uses these servers: their addresses in quotes, with commas.
Runtime open_with_rpc(const LaunchedWorld& world, const std::string& servers);

}  // namespace tachikoma::testing
