// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "real/llama_server.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::testing {

/// A folder with tiny models, and a config whose provider `local` starts llama.cpp servers for them.
struct LaunchedWorld {
  /// `program_to_start` is what the provider starts; empty: the real one (environment LLAMA_SERVER).
  explicit LaunchedWorld(const std::vector<TinyModel>& models = {{"alpha"},
                                                                 {"beta"},
                                                                 {"caller", {"--calls-tools"}}},
                         std::string program_to_start = {});

  /// The path of a model's file, there or not.
  std::string file(const std::string& model) const;
  struct Otherwise {
    std::string server = {};  ///< another program than the world's
    std::string more = {};    ///< further settings of the provider: ", start_timeout: 1s"
    LogCallback log = {};     ///< hears the log, and all that the servers write
  };
  /// A runtime with the config.
  Runtime open(const Otherwise& otherwise) const;
  Runtime open() const { return open({}); }
  /// An executable file of these lines, for the provider to start as its server; `{real}` in it stands for
  /// the real one.
  std::string script(const std::string& name, const std::string& lines) const;
  /// See `silent_pipe`.
  std::string pipe() const;
  /// The llama-servers that serve a model of this folder; their keepers are not among them.
  std::vector<pid_t> servers() const;

  TempDir folder;
  std::string server;
  std::string text;    ///< of the config
  std::string config;  ///< its file
};

/// The llama-servers that serve a model of this folder; keepers and routers are not among them.
std::vector<pid_t> model_servers(const std::filesystem::path& folder);
/// The path of a new pipe in which nobody writes: who opens it to read waits for ever.
std::string silent_pipe(const TempDir& folder);
/// The words of a process's command line, with a space before and behind each; empty when it has ended.
std::string command_line(pid_t pid);
/// The process that started that one; 0 when it has ended.
pid_t parent_of(pid_t pid);
/// What follows the option on such a line; "given" when that is another option, or nothing.
std::string value_after(const std::string& line, const std::string& option);
/// How the server sampled for the last request, by its /slots; the plugin and it alone know the key.
Value last_sampling(pid_t server);
/// True when no process has that id.
bool is_gone(pid_t pid);

}  // namespace tachikoma::testing
