// SPDX-License-Identifier: MIT
#include "llamacpp/server_binary.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/durations.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/chat/pending_text.hpp"
#include "common/errors/server_error.hpp"
#include "common/launch/child_process.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

/// The server, and the program that has it as a subcommand.
constexpr std::string_view kNames[] = {"llama-server", "llama"};
constexpr std::size_t kLargestHelp = 1 << 20;

std::vector<std::string> usual_folders() {
  std::vector<std::string> folders;
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) folders.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  if (const char* home = std::getenv("HOME"); home && *home) {
    folders.push_back(std::string(home) + "/.local/bin");
    folders.push_back(std::string(home) + "/llama.cpp/build/bin");
  }
  for (const char* folder : {"/usr/local/bin", "/opt/homebrew/bin", "/opt/llama.cpp/bin"})
    folders.emplace_back(folder);
  return folders;
}

bool is_program(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

std::string why_no_program(const fs::path& file) {
  std::error_code ignored;
  const fs::file_type type = fs::status(file, ignored).type();
  if (type == fs::file_type::not_found) return "does not exist";
  if (type == fs::file_type::directory) return "is a folder";
  return type == fs::file_type::regular ? "is not executable" : "is not a program";
}

Error no_llama_server(const std::string& path, const std::string& why, std::string_view said) {
  return Error(ErrorCode::config_invalid,
               "'" + path + "' is not a llama-server: " + why +
                   (said.empty() ? "" : "; it says '" + base::excerpt(said, 80) + "'"),
               "set 'server' to the path of llama.cpp's llama-server");
}

// What follows "version: " at the start of a line; empty if no line has it.
std::string build_in(std::string_view output) {
  const std::string text = without_colours(output);
  for (std::size_t start = 0; start < text.size();
       start = std::min(text.find('\n', start), text.size() - 1) + 1) {
    std::string_view line = std::string_view(text).substr(start);
    line = kit::trimmed(line.substr(0, line.find('\n')));
    if (!base::to_lower(line).starts_with("version")) continue;
    line = kit::trimmed(line.substr(std::string_view("version").size()));
    if (line.starts_with(':')) return std::string(kit::trimmed(line.substr(1)));
  }
  return {};
}

/// Options that every llama-server has ever had, and no other program has together: koboldcpp has no
/// --ctx-size.
constexpr const char* kRequired[] = {"--model", "--port", "--ctx-size"};

const char* lacking(const HelpOptions& options) {
  for (const char* option : kRequired)
    if (!options.contains(option)) return option;
  return nullptr;
}

}  // namespace

bool ServerBinary::takes(std::string_view option, std::string_view word) const {
  const auto found = options.find(option);
  if (found == options.end()) return false;
  const std::string& value = found->second;
  for (std::size_t at = 0; (at = value.find(word, at)) != std::string::npos; ++at) {
    const auto is_edge = [&](std::size_t i) {
      return i >= value.size() || std::string_view("[]{}()|,<>").find(value[i]) != std::string_view::npos;
    };
    if ((at == 0 || is_edge(at - 1)) && is_edge(at + word.size())) return true;
  }
  return false;
}

std::vector<std::string> ServerBinary::command() const {
  return subcommand.empty() ? std::vector{path} : std::vector{path, subcommand};
}

Result<std::string> find_server(std::string_view setting) {
  if (setting != "auto") {
    if (is_program(setting)) return std::string(setting);
    return Error(ErrorCode::config_invalid,
                 "'server' is '" + std::string(setting) + "', which " + why_no_program(setting),
                 "set it to the path of llama.cpp's llama-server, or to auto");
  }
  const std::vector<std::string> folders = usual_folders();
  for (const std::string_view name : kNames)
    for (const std::string& folder : folders)
      if (const fs::path file = fs::path(folder) / name; is_program(file)) return file.string();
  std::string looked;
  for (const std::string& folder : folders)
    if (looked.find(folder + ", ") == std::string::npos) looked += folder + ", ";
  return Error(ErrorCode::config_invalid,
               "no llama-server was found; looked in " + looked.substr(0, looked.size() - 2),
               "install llama.cpp, or set 'server' to the path of its llama-server");
}

Result<std::string> output_of(std::vector<std::string> command, const char* option,
                              std::chrono::milliseconds limit, Cancellation& cancellation,
                              const Environment& environment) {
  std::string text;
  const auto keep = [&text](std::string_view line) {
    if (text.size() < kLargestHelp) text.append(line) += '\n';
  };
  const std::string path = command.front();
  command.emplace_back(option);
  TACHIKOMA_TRY(auto child,
                kit::ChildProcess::start({.argv = std::move(command), .environment = environment}, keep));
  const bool ended = child->wait_for_end(limit, cancellation);
  child->kill();
  child.reset();  // no line is added after this
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  if (ended) return text;
  return no_llama_server(
      path, "it did not exit within " + base::describe_time(limit) + " when run with " + option, text);
}

Result<ServerBinary> probe_server(std::string path, std::chrono::milliseconds limit,
                                  Cancellation& cancellation) {
  ServerBinary binary{.path = std::move(path)};
  const auto ask = [&](const char* option) {
    return output_of(binary.command(), option, limit, cancellation);
  };
  TACHIKOMA_TRY(std::string version, ask("--version"));
  TACHIKOMA_TRY(std::string help, ask("--help"));
  binary.options = read_options(help);
  if (lacking(binary.options) && has_serve_command(help)) {
    binary.subcommand = "serve";
    TACHIKOMA_TRY(version, ask("--version"));
    TACHIKOMA_TRY(help, ask("--help"));
    binary.options = read_options(help);
  }
  binary.build = build_in(version);
  const char* const absent = lacking(binary.options);
  if (absent && binary.build.empty())
    return no_llama_server(binary.path, "its answer to --version has no line 'version: …'", version);
  if (absent) return no_llama_server(binary.path, "its answer to --help has no " + std::string(absent), help);
  if (binary.build.empty()) binary.build = kUnknownBuild;
  return binary;
}

}  // namespace tachikoma::llamacpp
