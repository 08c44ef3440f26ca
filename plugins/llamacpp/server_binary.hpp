// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llamacpp/server_help.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// What a build is called that does not name itself.
constexpr std::string_view kUnknownBuild = "unknown version";

/// A llama-server program: its build, and the options that this build has.
struct ServerBinary {
  std::string path;
  std::string subcommand = {};  ///< "serve" of the program `llama`, which is all of llama.cpp; mostly empty
  std::string build;            ///< as it names itself, "0.7.0 (build 11669, commit Debian)"
  HelpOptions options;

  /// What starts it, without options.
  std::vector<std::string> command() const;

  bool has(std::string_view option) const { return options.contains(option); }
  /// True if the option accepts `word`, according to its help.
  bool takes(std::string_view option, std::string_view word) const;
};

/// The path of the program that `setting` names; `auto` searches for `llama-server`, then for `llama`, in
/// $PATH and in the usual places. `config_invalid` lists the places searched.
Result<std::string> find_server(std::string_view setting);

/// Environment variables for a program, overriding those of this process.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// The time limit for identifying a program.
constexpr std::chrono::milliseconds kProbeTime{20'000};

/// The output of the command with an option that makes it exit, with whatever status. Fails with
/// `config_invalid` if it does not.
Result<std::string> output_of(std::vector<std::string> command, const char* option,
                              std::chrono::milliseconds limit, Cancellation& cancellation,
                              const Environment& environment = {});

/// Runs the program, each time for at most `limit`, to identify it. Fails with `config_invalid` if it
/// is not a llama-server.
Result<ServerBinary> probe_server(std::string path, std::chrono::milliseconds limit,
                                  Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
