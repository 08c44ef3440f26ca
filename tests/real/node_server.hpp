// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

namespace tachikoma::testing {

inline bool has_node() { return run({.argv = {"sh", "-c", "command -v node"}}).exit_code == 0; }

/// A server of tests/real/node that runs beside the test.
class NodeServer {
 public:
  explicit NodeServer(const std::string& script, const std::vector<std::string>& arguments = {})
      : process_(command(script, arguments)), port_(std::stoi(process_.read_line())) {}

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static Command command(const std::string& script, const std::vector<std::string>& arguments) {
    Command node{.argv = {"node", TACHIKOMA_SOURCE_DIR "/tests/real/node/" + script}};
    node.argv.insert(node.argv.end(), arguments.begin(), arguments.end());
    return node;
  }

  Process process_;
  int port_;
};

}  // namespace tachikoma::testing
