// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// Two echo providers, four models between them, and an alias.
inline constexpr char kEchoes[] = R"(providers:
  one: {plugin: echo, models: [alpha, beta]}
  two: {plugin: echo, models: [gamma, delta], reasoning: "let me think"}
models:
  thinker: {provider: two, key: gamma}
defaults: {model: alpha}
)";

/// A user with an empty home and a folder to work in; with `config`, there is a tachikoma.yaml in it.
class Shell {
 public:
  explicit Shell(const std::string& config = {});

  /// `tachikoma` with these words, not run yet.
  Command command(const std::vector<std::string>& words, std::string input = {}) const;
  Finished tachikoma(const std::vector<std::string>& words, std::string input = {}) const;
  /// A line for bash, in which `tachikoma` is the built one.
  Finished bash(const std::string& line) const;

  const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

/// A command that writes its stderr to a file, for a test to read at the end.
Command with_errors_in(Command command, const std::string& file);

/// The one JSON value of a text that ends in a newline; throws when it is anything else.
Value json_of(const std::string& text);
/// The JSON values of a text that has one a line.
std::vector<Value> json_lines_of(const std::string& text);
/// The member `type` of each, in order, repetitions left out.
std::string types_of(const std::vector<Value>& lines);

}  // namespace tachikoma::testing
