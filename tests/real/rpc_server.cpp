// SPDX-License-Identifier: MIT
#include "real/rpc_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "real/http.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/wait.hpp"

namespace tachikoma::testing {

RpcServer::RpcServer()
    : port_(refused_port()),  // it can't be given 0
      process_({.argv = {"sh", "-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", path(), "-H", "127.0.0.1", "-p",
                         std::to_string(port_)}}) {
  wait_until(
      std::chrono::seconds(20), [&] { return bool(Socket::connect(port_)); },
      [] { return "ggml-rpc-server did not start"; });
}

std::string RpcServer::path() {
  return (std::filesystem::path(std::getenv("LLAMA_SERVER")).parent_path() / "ggml-rpc-server").string();
}

bool RpcServer::is_installed() {
  if (std::filesystem::exists(path())) return true;
  WARN("SKIPPED: no ggml-rpc-server beside the llama-server");
  return false;
}

void RpcServer::kill() { process_.signal(SIGKILL); }

Runtime open_with_rpc(const LaunchedWorld& world, const std::string& servers) {
  return Runtime::open(
             world.folder.write("rpc.yaml", replace_all(world.text, "models_dir: models",
                                                        "models_dir: models, rpc: [" + servers + "]")),
             [](Severity, std::string_view, std::string_view) {})
      .value();
}

}  // namespace tachikoma::testing
