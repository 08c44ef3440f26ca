// SPDX-License-Identifier: MIT
#include "bench/child.hpp"

#include <array>
#include <chrono>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/wait.h>

#include <tachikoma/json.hpp>

namespace tachikoma::bench {
namespace {

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> bytes;
  for (ssize_t count; (count = ::read(fd, bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(count));
  return text;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

Figures figures_of(const std::string& json) {
  const Value value = parse_json(json).value();
  const auto number = [&](const char* name) { return value[name].as_real(); };
  Figures figures;
  figures.tally = {value["answers"].as_integer(), value["chunks"].as_integer(), value["bytes"].as_integer()};
  figures.cpu_us = number("cpu_us");
  figures.wall_us = number("wall_us");
  figures.peak_kb = number("peak_kb");
  figures.rss_kb = number("rss_kb");
  figures.threads = number("threads");
  figures.allocations = number("allocations");
  return figures;
}

}  // namespace

Figures run_child(const std::vector<std::string>& argv, const std::vector<std::string>& variables) {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<std::string> environment = variables;
  for (char** variable = ::environ; *variable; ++variable)
    if (std::string(*variable).rfind("TACHIKOMA_", 0) != 0) environment.emplace_back(*variable);
  const std::vector<char*> arguments = pointers(argv), in_environment = pointers(environment);
  const auto start = std::chrono::steady_clock::now();
  pid_t pid = -1;
  const int failed =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), in_environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) throw std::runtime_error("can't start " + argv[0]);
  const std::string said = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  const std::chrono::duration<double, std::micro> lasted = std::chrono::steady_clock::now() - start;
  if (status != 0) {
    std::string line;
    for (const std::string& argument : argv) line += argument + " ";
    throw std::runtime_error(line + "failed: status " + std::to_string(status));
  }
  Figures figures = figures_of(said);
  figures.process_us = lasted.count();
  return figures;
}

}  // namespace tachikoma::bench
