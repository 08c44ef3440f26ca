// SPDX-License-Identifier: MIT
#include "real/cli.hpp"

#include <sstream>
#include <utility>

#include "tachikoma/json.hpp"

namespace tachikoma::testing {

Command cli(const std::string& config, const std::vector<std::string>& words, std::string input) {
  Command command{
      .argv = {program("tachikoma")}, .input = std::move(input), .env = {{"TACHIKOMA_CONFIG", config}}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

std::vector<Value> json_lines(const std::string& text) {
  std::vector<Value> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) values.push_back(parse_json(line).value());
  return values;
}

std::vector<std::string> deltas_of(const std::vector<Value>& lines) {
  std::vector<std::string> deltas;
  for (const Value& line : lines) {
    const std::string_view type = line["type"].as_string();
    if (type == "text" || type == "reasoning") deltas.emplace_back(line["text"].as_string());
  }
  return deltas;
}

Value first_of_type(const std::vector<Value>& lines, std::string_view type) {
  for (const Value& line : lines)
    if (line["type"].as_string() == type) return line;
  return {};
}

}  // namespace tachikoma::testing
