// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "verbs.hpp"

namespace CLI {
class App;
}

namespace tachikoma::cli {

/// The options of one verb, in the order of its help: a name, where the value goes, what help calls the
/// value, and what it does. `into` outlives the parsing. Keeps CLI11, which takes ten seconds to compile, out
/// of the verbs.
class OptionSet {
 public:
  explicit OptionSet(CLI::App& app) : app_(app) {}

  void flag(const std::string& name, bool& into, std::string help);
  /// `--name` and `--no-name`.
  void toggle(const std::string& name, std::optional<bool>& into, std::string help);
  void text(const std::string& name, std::string& into, std::string type, std::string help);
  /// The value may be left out.
  void optional_text(const std::string& name, std::optional<std::string>& into, const std::string& type,
                     std::string help);
  /// True for an option whose value may be left out: what help calls it is in brackets.
  static bool is_optional(const std::string& type) { return type.starts_with('['); }
  /// May be repeated; one value each.
  void texts(const std::string& name, std::vector<std::string>& into, std::string type, std::string help);
  void number(const std::string& name, std::optional<std::int64_t>& into, const SettingRule& rule);
  void number(const std::string& name, std::optional<double>& into, const SettingRule& rule);
  /// A whole number of `min` or more.
  void count(const std::string& name, std::optional<std::int64_t>& into, std::int64_t min,
             std::string_view help);
  /// A text that `take` can do something with, or it is not `form`: "a list of shares such as '3,1'".
  void value(const std::string& name, std::function<bool(const std::string&)> take, std::string form,
             std::string type, std::string help);
  /// One of `names`, which are in the order of `Choice`.
  template <class Choice>
  void choice(const std::string& name, std::initializer_list<const char*> names,
              std::function<void(Choice)> take, std::string help) {
    pick(
        name, {names.begin(), names.end()},
        [take = std::move(take)](std::size_t at) { take(static_cast<Choice>(at)); }, std::move(help));
  }

  /// The values of each option that has only certain ones, by its name as it was given.
  const std::map<std::string, std::vector<std::string>>& choices() const { return choices_; }

 private:
  void pick(const std::string& name, std::vector<std::string> names, std::function<void(std::size_t)> take,
            std::string help);

  CLI::App& app_;
  std::map<std::string, std::vector<std::string>> choices_;
};

/// `--model`.
void add_model(OptionSet& set, Options& options);
/// `--model` and `--system`.
void add_talking(OptionSet& set, Options& options);
/// `--file`.
void add_files(OptionSet& set, Options& options);

/// Whether all of a text is one number.
template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && end == text.data() + text.size();
}

}  // namespace tachikoma::cli
