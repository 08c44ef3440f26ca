// SPDX-License-Identifier: MIT
#include "integration/cli/shell.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tachikoma/json.hpp"

namespace tachikoma::testing {

Shell::Shell(const std::string& config) {
  if (!config.empty()) folder_.write("tachikoma.yaml", config);
}

Command Shell::command(const std::vector<std::string>& words, std::string input) const {
  // a shell that runs the tests in the background has SIGINT ignored, and children inherit that
  Command command{.argv = {"env", "--default-signal=INT", program("tachikoma")},
                  .input = std::move(input),
                  .env = {{"HOME", folder_.path().string()},
                          {"XDG_CACHE_HOME", ""},
                          {"XDG_CONFIG_HOME", ""},
                          {"XDG_DATA_HOME", ""},
                          {"XDG_STATE_HOME", ""},
                          {"TACHIKOMA_LMSTUDIO_PORTS", "9"}},
                  .folder = folder_.path().string()};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

Finished Shell::tachikoma(const std::vector<std::string>& words, std::string input) const {
  return run(command(words, std::move(input)));
}

Finished Shell::bash(const std::string& line) const {
  Command command = this->command({});
  command.argv = {"bash", "-c", line};
  command.env.emplace_back("PATH", std::string(TACHIKOMA_BINARY_DIR "/bin:") + std::getenv("PATH"));
  return run(command);
}

Command with_errors_in(Command command, const std::string& file) {
  command.argv.insert(command.argv.begin(),
                      {"sh", "-c", R"(errors=$1; shift; exec "$@" 2>"$errors")", "sh", file});
  return command;
}

Value json_of(const std::string& text) {
  const std::vector<Value> lines = json_lines_of(text);
  if (lines.size() != 1) throw std::runtime_error("this is not one line of JSON: " + text);
  return lines[0];
}

std::vector<Value> json_lines_of(const std::string& text) {
  if (!text.empty() && text.back() != '\n') throw std::runtime_error("the last line has no end: " + text);
  std::vector<Value> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) values.push_back(parse_json(line).value());
  return values;
}

std::string types_of(const std::vector<Value>& lines) {
  std::string types;
  std::string_view last;
  for (const Value& line : lines) {
    const std::string_view type = line["type"].as_string();
    if (type == last) continue;
    types += (types.empty() ? "" : " ") + std::string(type);
    last = type;
  }
  return types;
}

}  // namespace tachikoma::testing
