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
  std::string build;  ///< in its own words, "0.7.0 (build 11669, commit Debian)"
  /// Every option, and what its value looks like: "--flash-attn" and "[on|off|auto]". Empty: it takes none.
  std::map<std::string, std::string, std::less<>> options;

  bool has(std::string_view option) const { return options.contains(option); }
  /// True when the option takes `word`, as far as its help says.
  bool takes(std::string_view option, std::string_view word) const;
};

/// The options that the text of --help describes.
std::map<std::string, std::string, std::less<>> read_options(std::string_view help);

/// The path of the program that `setting` names; `auto` looks for `llama-server` in $PATH and in the usual
/// places. `config_invalid` says where it was looked for.
Result<std::string> find_server(std::string_view setting);

/// Variables for a program, over those of this one.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// How long a program may take to say what it is.
constexpr std::chrono::milliseconds kProbeTime{20'000};

/// All that the program writes for one option with which it ends on its own. `config_invalid` when it does
/// not.
Result<std::string> output_of(const std::string& path, const char* option, std::chrono::milliseconds limit,
                              Cancellation& cancellation, const Environment& environment = {});

/// Asks the program what it is, twice for at most `limit`. `config_invalid` when it is no llama-server.
Result<ServerBinary> probe_server(std::string path, std::chrono::milliseconds limit,
                                  Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
