// SPDX-License-Identifier: MIT
#include "llamacpp/server_binary.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/durations.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/errors/server_error.hpp"
#include "common/launch/child_process.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "llama-server";
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

std::string_view first_line_with(std::string_view text, std::string_view word) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (line.starts_with(word)) return line;
    start = end + 1;
  }
  return {};
}

// The length of the option at the start of `text`: "-fa" of "-fa,   --flash-attn".
std::size_t option_length(std::string_view text) {
  if (!text.starts_with('-')) return 0;
  return std::min(text.find_first_of(", \t"), text.size());
}

// The text one blank after an option; the description is further away.
std::string_view value_after(std::string_view text) {
  if (text.size() < 2 || text[0] != ' ' || text[1] == ' ' || text[1] == '-') return {};
  text.remove_prefix(1);
  return text.substr(0, std::min(text.find(' '), text.size()));
}

void read_line(std::string_view line, std::map<std::string, std::string, std::less<>>& options) {
  std::vector<std::string> names;
  std::string_view value;
  while (const std::size_t length = option_length(line)) {
    names.emplace_back(line.substr(0, length));
    line.remove_prefix(length);
    value = value_after(line);
    if (!value.empty()) break;
    const std::size_t next = line.find_first_not_of(", ");
    if (next == std::string_view::npos) break;
    line.remove_prefix(next);
  }
  for (std::string& name : names) options.insert_or_assign(std::move(name), std::string(value));
}

}  // namespace

bool ServerBinary::takes(std::string_view option, std::string_view word) const {
  const auto found = options.find(option);
  if (found == options.end()) return false;
  const std::string& value = found->second;
  for (std::size_t at = 0; (at = value.find(word, at)) != std::string::npos; ++at) {
    const auto is_edge = [&](std::size_t i) {
      return i >= value.size() || std::string_view("[]{}|,<>").find(value[i]) != std::string_view::npos;
    };
    if ((at == 0 || is_edge(at - 1)) && is_edge(at + word.size())) return true;
  }
  return false;
}

std::map<std::string, std::string, std::less<>> read_options(std::string_view help) {
  std::map<std::string, std::string, std::less<>> options;
  for (std::size_t start = 0; start < help.size();) {
    const std::size_t end = std::min(help.find('\n', start), help.size());
    read_line(help.substr(start, end - start), options);
    start = end + 1;
  }
  return options;
}

Result<std::string> find_server(std::string_view setting) {
  if (setting != "auto") {
    if (is_program(setting)) return std::string(setting);
    return Error(ErrorCode::config_invalid,
                 "'server' is '" + std::string(setting) + "', which " + why_no_program(setting),
                 "set it to the path of llama.cpp's llama-server, or to auto");
  }
  std::string looked;
  for (const std::string& folder : usual_folders()) {
    const fs::path file = fs::path(folder) / kName;
    if (is_program(file)) return file.string();
    if (looked.find(folder + ", ") == std::string::npos) looked += folder + ", ";
  }
  return Error(ErrorCode::config_invalid,
               "no llama-server was found; looked in " + looked.substr(0, looked.size() - 2),
               "install llama.cpp, or set 'server' to the path of its llama-server");
}

Result<std::string> output_of(const std::string& path, const char* option, std::chrono::milliseconds limit,
                              Cancellation& cancellation, const Environment& environment) {
  std::string text;
  const auto keep = [&text](std::string_view line) {
    if (text.size() < kLargestHelp) text.append(line) += '\n';
  };
  TACHIKOMA_TRY(auto child,
                kit::ChildProcess::start({.argv = {path, option}, .environment = environment}, keep));
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
  TACHIKOMA_TRY(const std::string version, output_of(path, "--version", limit, cancellation));
  const std::string_view line = first_line_with(version, "version: ");
  if (line.empty()) return no_llama_server(path, "its answer to --version has no line 'version: …'", version);
  TACHIKOMA_TRY(const std::string help, output_of(path, "--help", limit, cancellation));
  ServerBinary binary{std::move(path), std::string(line.substr(9)), read_options(help)};
  for (const char* option : {"--model", "--port"})
    if (!binary.has(option))
      return no_llama_server(binary.path, "its answer to --help has no " + std::string(option), help);
  return binary;
}

}  // namespace tachikoma::llamacpp
