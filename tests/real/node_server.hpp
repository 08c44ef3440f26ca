// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace tachikoma::testing {

inline bool has_node() { return run({.argv = {"sh", "-c", "command -v node"}}).exit_code == 0; }

/// A server of tests/real/node that runs beside the test.
class NodeServer {
 public:
  explicit NodeServer(const std::string& script, const std::vector<std::string>& arguments = {})
      : process_(command(script, arguments)) {
    const std::string line = process_.read_line();
    const std::size_t blank = std::min(line.find(' '), line.size());
    url_ = "http://127.0.0.1:" + line.substr(0, blank);
    greeting_ = line.substr(std::min(blank + 1, line.size()));
  }

  const std::string& url() const { return url_; }
  /// What it printed behind its port.
  const std::string& greeting() const { return greeting_; }

 private:
  static Command command(const std::string& script, const std::vector<std::string>& arguments) {
    Command node{.argv = {"node", TACHIKOMA_SOURCE_DIR "/tests/real/node/" + script}};
    node.argv.insert(node.argv.end(), arguments.begin(), arguments.end());
    return node;
  }

  Process process_;
  std::string url_;
  std::string greeting_;
};

}  // namespace tachikoma::testing
