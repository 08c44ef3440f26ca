// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace lmstudio_sim {

/// What the command line asked for.
struct Options {
  int port = 1234;                   ///< 0 is any free port
  std::optional<int> sdk_port = {};  ///< a second port, for discovery and the WebSocket only
  bool http_off = false;             ///< only the second port serves, until a client starts the first
  std::string host = "127.0.0.1";
  std::string script;  ///< empty for the default world
  double speed = 60;   ///< tokens per second; 0 is unlimited
  bool exit_with_stdin = false;
};

/// Reads the command line. Nothing when the program should exit at once, with `exit_code`: after
/// `--help` and `--version` (0), or a usage error that was printed (2).
std::optional<Options> parse_options(int argc, const char* const* argv, int& exit_code);

}  // namespace lmstudio_sim
