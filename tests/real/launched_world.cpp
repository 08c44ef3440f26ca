// SPDX-License-Identifier: MIT
#include "real/launched_world.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>

#include "real/http.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma::testing {
namespace {

std::string real_server() {
  const char* server = std::getenv("LLAMA_SERVER");
  if (!server) throw std::runtime_error("LLAMA_SERVER is not set: run this by tests/real/with-llama-server");
  return server;
}

}  // namespace

LaunchedWorld::LaunchedWorld(const std::vector<TinyModel>& models, std::string program_to_start)
    : server(std::move(program_to_start)) {
  if (server.empty()) server = real_server();
  std::filesystem::create_directory(folder.path() / "models");
  for (const TinyModel& model : models) {
    Command make{.argv = {program("make-model"), file(model.name)}};
    make.argv.insert(make.argv.end(), model.options.begin(), model.options.end());
    REQUIRE(run(make).exit_code == 0);
  }
  text = "providers:\n  local: {plugin: llamacpp, server: '" + server +
         "', models_dir: models, timeouts: {load: 60s}}\n"
         "defaults: {model: local::alpha, inference: {max_tokens: 24, seed: 1}}\n"
         "policy: {retry: {attempts: 1}}\n";
  config = folder.write("tachikoma.yaml", text);
}

std::string LaunchedWorld::file(const std::string& model) const {
  return (folder.path() / "models" / (model + ".gguf")).string();
}

Runtime LaunchedWorld::open(const Otherwise& otherwise) const {
  std::string changed = replace_all(text, "plugin: llamacpp", "plugin: llamacpp" + otherwise.more);
  if (!otherwise.server.empty())
    changed = replace_all(changed, "'" + server + "'", "'" + otherwise.server + "'");
  if (otherwise.log) changed += "verbose: true\n";
  const LogCallback nobody = [](Severity, std::string_view, std::string_view) {};
  return Runtime::open(folder.write("otherwise.yaml", changed), otherwise.log ? otherwise.log : nobody)
      .value();
}

std::string LaunchedWorld::script(const std::string& name, const std::string& lines) const {
  const std::string file = folder.write(name, replace_all(lines, "{real}", std::getenv("LLAMA_SERVER")));
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

std::string LaunchedWorld::pipe() const { return silent_pipe(folder); }

std::vector<pid_t> LaunchedWorld::servers() const { return model_servers(folder.path()); }

std::vector<pid_t> model_servers(const std::filesystem::path& folder) {
  std::vector<pid_t> pids;
  for (const auto& each : std::filesystem::directory_iterator("/proc")) {
    const std::string name = each.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string line = command_line(std::stoi(name));
    if (line.find(" --alias ") != std::string::npos && line.find("keeper") == std::string::npos &&
        line.find(folder.string()) != std::string::npos)
      pids.push_back(std::stoi(name));
  }
  return pids;
}

std::string silent_pipe(const TempDir& folder) {
  const std::string path = (folder.path() / "pipe").string();
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

std::string command_line(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::string line;
  std::getline(in, line);
  if (line.empty()) return line;
  for (char& c : line)
    if (c == '\0') c = ' ';
  return ' ' + line;
}

pid_t parent_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; in >> word;)
    if (word == "PPid:" && in >> word) return std::stoi(word);
  return 0;
}

std::string value_after(const std::string& line, const std::string& option) {
  const std::size_t at = line.find(" " + option + " ");
  if (at == std::string::npos) return "";
  const std::size_t start = at + option.size() + 2;
  const std::string value = line.substr(start, line.find(' ', start) - start);
  return value.empty() || value.starts_with("--") ? "given" : value;
}

Value last_sampling(pid_t server) {
  std::ifstream file("/proc/" + std::to_string(server) + "/environ", std::ios::binary);
  std::string key;
  for (std::string variable; std::getline(file, variable, '\0');)
    if (variable.starts_with("LLAMA_API_KEY=")) key = variable.substr(variable.find('=') + 1);
  const int port = std::stoi(value_after(command_line(server), "--port"));
  const Socket socket = Socket::connect(port);
  REQUIRE(
      socket.send("GET /slots HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer " +
                  key + "\r\n\r\n"));
  std::string bytes;
  while (socket.receive(bytes)) {
  }
  const Value slots = parse_json(split_replies(bytes).at(0).body).value();
  for (const Value& slot : slots.elements())
    if (slot["params"].is_object()) return slot["params"];
  return {};
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

}  // namespace tachikoma::testing
