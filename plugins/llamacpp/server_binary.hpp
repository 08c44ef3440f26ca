// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// A llama-server program: its build, and the options that this build has.
struct ServerBinary {
  std::string path;
  std::string build;  ///< as it names itself, "0.7.0 (build 11669, commit Debian)"
  /// Every option, and the form of its value: "--flash-attn" and "[on|off|auto]". Empty: no value.
  std::map<std::string, std::string, std::less<>> options;

  bool has(std::string_view option) const { return options.contains(option); }
  /// True if the option accepts `word`, according to its help.
  bool takes(std::string_view option, std::string_view word) const;
};

/// The options that the text of --help describes.
std::map<std::string, std::string, std::less<>> read_options(std::string_view help);

/// The path of the program that `setting` names; `auto` searches for `llama-server` in $PATH and in the usual
/// places. `config_invalid` lists the places searched.
Result<std::string> find_server(std::string_view setting);

/// Environment variables for a program, overriding those of this process.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// The time limit for identifying a program.
constexpr std::chrono::milliseconds kProbeTime{20'000};

/// The output of the program with an option that makes it exit. Fails with `config_invalid` if it does
/// not.
Result<std::string> output_of(const std::string& path, const char* option, std::chrono::milliseconds limit,
                              Cancellation& cancellation, const Environment& environment = {});

/// Runs the program twice, each time for at most `limit`, to identify it. Fails with `config_invalid` if it
/// is not a llama-server.
Result<ServerBinary> probe_server(std::string path, std::chrono::milliseconds limit,
                                  Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
