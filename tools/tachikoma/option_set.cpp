// SPDX-License-Identifier: MIT
#include "option_set.hpp"

#include <algorithm>
#include <type_traits>

#include <CLI/CLI.hpp>

#include "base/lists.hpp"

namespace tachikoma::cli {
namespace {

// "", " of 1 or more", " from 0 to 2".
std::string range_in_words(const SettingRule& rule) {
  const auto print = [](double limit) { return std::to_string(static_cast<std::int64_t>(limit)); };
  if (rule.min == -SettingRule::kNoLimit) return "";
  if (rule.exclusive_min) return " above " + print(rule.min);
  if (rule.max == SettingRule::kNoLimit) return " of " + print(rule.min) + " or more";
  return " from " + print(rule.min) + " to " + print(rule.max);
}

template <class Number>
void add_number(CLI::App& app, const std::string& name, std::optional<Number>& into,
                const SettingRule& rule) {
  constexpr bool kWhole = std::is_integral_v<Number>;
  app.add_option_function<std::string>(
         name,
         [name, &into, rule](const std::string& text) {
           Number number = 0;
           if (!parse_number(text, number) || !rule.allows(static_cast<double>(number)))
             throw CLI::ValidationError(name, "'" + text + "' is not a " + (kWhole ? "whole " : "") +
                                                  "number" + range_in_words(rule));
           into = number;
         },
         std::string(rule.about))
      ->type_name(kWhole ? "N" : "X");
}

}  // namespace

void OptionSet::flag(const std::string& name, bool& into, std::string help) {
  app_.add_flag(name, into, std::move(help));
}

void OptionSet::toggle(const std::string& name, std::optional<bool>& into, std::string help) {
  app_.add_flag_function(
      "--" + name + ",!--no-" + name,
      [name, &into](std::int64_t sum) {
        if (sum == 0) throw CLI::ValidationError("--" + name, "it is both on and off");
        into = sum > 0;
      },
      std::move(help));
}

void OptionSet::text(const std::string& name, std::string& into, std::string type, std::string help) {
  app_.add_option(name, into, std::move(help))->type_name(std::move(type));
}

void OptionSet::optional_text(const std::string& name, std::optional<std::string>& into,
                              const std::string& type, std::string help) {
  app_.add_option_function<std::string>(
          name, [&into](const std::string& text) { into = text; }, std::move(help))
      ->type_name("[" + type + "]");
}

void OptionSet::texts(const std::string& name, std::vector<std::string>& into, std::string type,
                      std::string help) {
  // one value each: the next word may be the prompt, and "[END]" is a value, not a list
  app_.add_option(name, into, std::move(help))->allow_extra_args(false)->type_name(type)->option_text(type);
}

void OptionSet::number(const std::string& name, std::optional<std::int64_t>& into, const SettingRule& rule) {
  add_number(app_, name, into, rule);
}

void OptionSet::number(const std::string& name, std::optional<double>& into, const SettingRule& rule) {
  add_number(app_, name, into, rule);
}

void OptionSet::count(const std::string& name, std::optional<std::int64_t>& into, std::int64_t min,
                      std::string_view help) {
  number(name, into, {.about = help, .min = static_cast<double>(min)});
}

void OptionSet::value(const std::string& name, std::function<bool(const std::string&)> take, std::string form,
                      std::string type, std::string help) {
  app_.add_option_function<std::string>(
          name,
          [name, take = std::move(take), form = std::move(form)](const std::string& text) {
            if (!take(text)) throw CLI::ValidationError(name, "'" + text + "' is not " + form);
          },
          std::move(help))
      ->type_name(std::move(type));
}

void OptionSet::pick(const std::string& name, std::vector<std::string> names,
                     std::function<void(std::size_t)> take, std::string help) {
  choices_[name] = names;
  app_.add_option_function<std::string>(
          name,
          [name, names = std::move(names), take = std::move(take)](const std::string& text) {
            const auto found = std::find(names.begin(), names.end(), text);
            if (found == names.end())
              throw CLI::ValidationError(name,
                                         "'" + text + "' is not one of " + base::listed(names, " and "));
            take(static_cast<std::size_t>(found - names.begin()));
          },
          std::move(help))
      ->type_name("HOW");
}

void add_model(OptionSet& set, Options& options) {
  set.text("-m,--model", options.model, "MODEL", "An alias, or an address that 'models' lists");
}

void add_talking(OptionSet& set, Options& options) {
  add_model(set, options);
  set.text("-s,--system", options.system, "TEXT", "Instructions for the model");
}

void add_files(OptionSet& set, Options& options) {
  set.texts("-f,--file", options.files, "FILE",
            "Add a text file, an image, or what a URL has; may be repeated");
}

}  // namespace tachikoma::cli
