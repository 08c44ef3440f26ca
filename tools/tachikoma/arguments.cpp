// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "near_name.hpp"
#include "verbs.hpp"

#include <tachikoma/version.hpp>

namespace tachikoma::cli {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(const Page& page) : page_(page) { column_width(30); }

  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode mode) const override {
    std::ostringstream out;
    out << "Usage: " << app->get_name() << ' ' << page_.usage << "\n\n" << page_.summary << '\n';
    if (!page_.commands.empty()) out << "\nCommands:\n" << page_.commands;
    std::string options = make_groups(app, mode);
    options.erase(options.find_last_not_of('\n') + 1);
    if (!options.empty()) out << options << '\n';
    const bool is_verb = app->get_name().find(' ') != std::string::npos;
    out << (is_verb ? "\nOptions of every command: tachikoma --help\n\n" : "\n");
    out << "Example:\n" << page_.example;
    return out.str();
  }

  // CLI11 appends the value to a flag's second name
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    constexpr std::string_view kMark = "{false}";
    if (name.ends_with(kMark)) name.erase(name.size() - kMark.size());
    return name;
  }

 private:
  const Page& page_;
};

Error usage_error(const CLI::App& app, std::string message, std::string hint = {}) {
  if (hint.empty()) hint = "see '" + app.get_name() + " --help'";
  return {ErrorCode::invalid_argument, std::move(message), std::move(hint)};
}

const Verb* find_verb(std::string_view name) {
  const auto found =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& v) { return v.name == name; });
  return found == kVerbs.end() ? nullptr : &*found;
}

// The verbs below `group` ("plugin "), or the first words of all with an empty one.
std::vector<std::string> verbs_below(std::string_view group) {
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) {
    if (!verb.name.starts_with(group)) continue;
    const std::string_view rest = verb.name.substr(group.size());
    if (rest.find(' ') == std::string_view::npos) names.emplace_back(rest);
  }
  return names;
}

// The parser of one verb. It gets only the options, never the words: CLI11 2.1 gives some words a
// meaning ("++", "[a,b]"), and a prompt may be any text.
std::unique_ptr<CLI::App> make_app(const Verb& verb, Options& options) {
  auto app =
      std::make_unique<CLI::App>("", verb.name.empty() ? "tachikoma" : "tachikoma " + std::string(verb.name));
  app->formatter(std::make_shared<HelpFormatter>(verb.page));
  verb.add_options(*app, options);
  add_common(*app, options, verb.name.empty());
  return app;
}

// The command line, split according to the app's options.
struct Split {
  std::vector<std::string> options;  // with their values
  std::vector<std::string> words;
};

Error unknown_option(const CLI::App& app, const std::string& option) {
  std::vector<std::string> names;
  for (const CLI::Option* each : app.get_options())
    for (const std::string& name : each->get_lnames()) names.push_back("--" + name);
  const std::string near = near_name(option, names);
  return usage_error(app, "unknown option '" + option + "'",
                     !near.empty()
                         ? "did you mean '" + near + "'?"
                         : "see '" + app.get_name() + " --help'; put -- before a text that begins with '-'");
}

// The option at `at` and its value, also from "-mX" and "--model=X"; moves `at` past it.
Result<std::vector<std::string>> take_option(const CLI::App& app, const std::vector<std::string>& arguments,
                                             std::size_t& at) {
  const std::string& argument = arguments[at++];
  const bool is_long = argument.starts_with("--");
  std::size_t name_end = is_long ? std::min(argument.find('='), argument.size()) : 2;
  std::string name = argument.substr(0, name_end);
  std::vector<std::string> taken{name};
  const CLI::Option* option = app.get_option_no_throw(name);
  // one-letter flags may be combined: -vh
  while (option && !is_long && option->get_items_expected_max() == 0 && name_end < argument.size()) {
    name = std::string("-") + argument[name_end++];
    taken.push_back(name);
    option = app.get_option_no_throw(name);
  }
  if (!option) return unknown_option(app, is_long ? name : argument);
  const bool has_rest = name_end < argument.size();
  if (option->get_items_expected_max() == 0) {
    if (has_rest) return usage_error(app, name + " takes no value, found '" + argument + "'");
  } else if (has_rest) {
    taken.push_back(argument.substr(name_end + (is_long ? 1 : 0)));
  } else if (at < arguments.size()) {
    taken.push_back(arguments[at++]);
  } else {
    return usage_error(app, name + " needs a value (" + option->get_type_name() + ")");
  }
  return taken;
}

// Splits the arguments; with `first_word`, stops before the first word and returns its position.
Result<Split> split(const CLI::App& app, const std::vector<std::string>& arguments,
                    std::size_t* first_word = nullptr) {
  Split result;
  for (std::size_t at = 0; at < arguments.size();) {
    const std::string& argument = arguments[at];
    const bool is_option = argument.size() > 1 && argument[0] == '-' && argument != "--";
    if (is_option) {
      Result<std::vector<std::string>> taken = take_option(app, arguments, at);
      if (!taken) return taken.error();
      std::move(taken->begin(), taken->end(), std::back_inserter(result.options));
      continue;
    }
    if (first_word) {
      *first_word = at;
      break;
    }
    if (argument == "--") {
      std::copy(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end(),
                std::back_inserter(result.words));
      break;
    }
    result.words.push_back(argument);
    ++at;
  }
  return result;
}

Status take_words(const CLI::App& app, const Verb& verb, std::vector<std::string> words, Options& options) {
  if (verb.words == Words::any) {
    options.words = std::move(words);
    return Done{};
  }
  const std::size_t max_words = verb.words == Words::none ? 0 : 1;
  if (words.size() > max_words) return usage_error(app, "unexpected argument '" + words[max_words] + "'");
  if (verb.words == Words::subject && words.empty())
    return usage_error(app, std::string(verb.subject) + " is missing");
  if (!words.empty()) options.subject = std::move(words[0]);
  return Done{};
}

Error missing_command(const CLI::App& app, std::string_view group) {
  std::string names;
  for (const std::string& name : verbs_below(group)) names += (names.empty() ? "" : ", ") + name;
  return usage_error(app, "a command is missing; use one of " + names);
}

Error unknown_command(const CLI::App& app, std::string_view group, const std::string& name) {
  const std::string near = near_name(name, verbs_below(group));
  return usage_error(app, "unknown command '" + std::string(group) + name + "'",
                     near.empty() ? "" : "did you mean '" + std::string(group) + near + "'?");
}

// Parses options with the app; help and version become text to print.
Status parse_options(CLI::App& app, std::vector<std::string> arguments, Options& options) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
    return Done{};
  } catch (const CLI::CallForHelp&) {
    options.text = app.help();
  } catch (const CLI::CallForVersion&) {
    options.text = app.version() + "\n";
  } catch (const CLI::ArgumentMismatch& e) {
    // every option has a value here, so one has too many
    const std::string text = e.what();
    return usage_error(app, text.substr(0, text.find(':')) + " is given more than once");
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e.what());
  }
  return Done{};
}

Result<Options> parse_verb(const Verb& verb, const std::vector<std::string>& arguments) {
  Options options;
  const std::unique_ptr<CLI::App> app = make_app(verb, options);
  Result<Split> parts = split(*app, arguments);
  if (!parts) return parts.error();
  if (Status parsed = parse_options(*app, std::move(parts->options), options); !parsed) return parsed.error();
  if (!options.text.empty()) return options;
  if (verb.command == Command::print) {
    const std::string group = verb.name.empty() ? "" : std::string(verb.name) + " ";
    if (parts->words.empty()) return missing_command(*app, group);
    return unknown_command(*app, group, parts->words[0]);
  }
  if (Status taken = take_words(*app, verb, std::move(parts->words), options); !taken) return taken.error();
  options.command = verb.command;
  return options;
}

}  // namespace

Result<Options> parse_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Options ignored;
  const std::unique_ptr<CLI::App> root = make_app(kRoot, ignored);
  std::size_t at = arguments.size();
  if (const Result<Split> leading = split(*root, arguments, &at); !leading) return leading.error();
  const Verb* verb = at < arguments.size() ? find_verb(arguments[at]) : nullptr;
  if (!verb) return parse_verb(kRoot, arguments);
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
  if (verb->command == Command::print) {
    at = arguments.size();
    if (const Result<Split> leading = split(*root, arguments, &at); !leading) return leading.error();
    const Verb* below =
        at < arguments.size() ? find_verb(std::string(verb->name) + " " + arguments[at]) : nullptr;
    if (below) {
      verb = below;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  return parse_verb(*verb, arguments);
}

bool wants_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i)
    if (std::string_view(argv[i]) == "--json") return true;
  return false;
}

}  // namespace tachikoma::cli
