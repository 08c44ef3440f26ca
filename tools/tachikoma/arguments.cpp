// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "help_pages.hpp"
#include "near_name.hpp"

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

 private:
  const Page& page_;
};

Error usage_error(const CLI::App& app, std::string message, std::string hint = {}) {
  if (hint.empty()) hint = "see '" + app.get_name() + " --help'";
  return {ErrorCode::invalid_argument, std::move(message), std::move(hint)};
}

template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && end == text.data() + text.size();
}

void add_integer(CLI::App& app, std::string name, std::optional<std::int64_t>& into, std::int64_t least,
                 std::string help) {
  app.add_option_function<std::string>(
         name,
         [name, &into, least](const std::string& text) {
           std::int64_t number = 0;
           if (!parse_number(text, number) || number < least)
             throw CLI::ValidationError(
                 name, "'" + text + "' is not a whole number" +
                           (least == INT64_MIN ? "" : " of " + std::to_string(least) + " or more"));
           into = number;
         },
         std::move(help))
      ->type_name("N");
}

void add_real(CLI::App& app, std::string name, std::optional<double>& into, int least, int most,
              std::string help) {
  app.add_option_function<std::string>(
         name,
         [name, &into, least, most](const std::string& text) {
           double number = 0;
           if (!parse_number(text, number) || !(number >= least && number <= most))
             throw CLI::ValidationError(name, "'" + text + "' is not a number from " + std::to_string(least) +
                                                  " to " + std::to_string(most));
           into = number;
         },
         std::move(help))
      ->type_name("X");
}

void add_texts(CLI::App& app, std::string name, std::vector<std::string>& into, std::string type,
               std::string help) {
  // one value each: the next word may be the prompt, and "[END]" is a value, not a list
  app.add_option(std::move(name), into, std::move(help))
      ->allow_extra_args(false)
      ->type_name(type)
      ->option_text(type);
}

void add_common(CLI::App& app, Options& options, bool in_help) {
  const std::string group = in_help ? "Options" : "";
  app.set_help_flag("-h,--help", "Print this help")->group(group);
  app.add_option("--config", options.config, "The configuration to use")->type_name("FILE")->group(group);
  app.add_flag("--json", options.json, "Print the result, or the error, as JSON")->group(group);
  add_texts(app, "--plugin-path", options.plugin_paths, "DIR", "Search this folder for plugins too");
  app.get_option("--plugin-path")->group(group);
  app.add_flag("-v,--verbose", options.verbose, "Say on stderr what is being done")->group(group);
  app.add_flag_callback(
         "--no-color", [&options] { options.color = false; },
         "No colours, as with NO_COLOR in the environment")
      ->group(group);
  app.set_version_flag("--version", "tachikoma " + std::string(kVersion), "Print the version")->group(group);
}

void add_talking(CLI::App& app, Options& options) {
  app.add_option("-m,--model", options.model, "An alias, or an address that 'models' lists")
      ->type_name("MODEL");
  app.add_option("-s,--system", options.system, "What the model should be and do")->type_name("TEXT");
}

void add_ask(CLI::App& app, Options& options) {
  add_talking(app, options);
  add_texts(app, "-f,--file", options.files, "FILE", "Add a text file to the question; may be repeated");
  app.add_option_function<std::string>(
         "--think",
         [&options](const std::string& text) {
           const std::array<std::string_view, 3> names{"hide", "show", "only"};  // in the order of Think
           const auto found = std::find(names.begin(), names.end(), text);
           if (found == names.end())
             throw CLI::ValidationError("--think", "'" + text + "' is none of hide, show and only");
           options.think = static_cast<Think>(found - names.begin());
         },
         "Reasoning: hide (default), show or only")
      ->type_name("HOW");
  app.add_flag("--stream-json", options.stream_json, "Print one JSON object a line, as it happens");
  app.add_flag("--usage", options.usage, "Print tokens and speed on stderr at the end");
  add_integer(app, "--max-tokens", options.settings.max_tokens, 1, "Stop after so many tokens");
  add_real(app, "--temperature", options.settings.temperature, 0, 2, "0 (always the likeliest) to 2");
  add_real(app, "--top-p", options.settings.top_p, 0, 1, "Only from the likeliest tokens, by probability");
  add_integer(app, "--top-k", options.settings.top_k, 0, "Only from the N likeliest tokens; 0 is all");
  add_integer(app, "--seed", options.settings.seed, INT64_MIN, "Makes sampling repeatable");
  add_texts(app, "--stop", options.settings.stop_sequences, "TEXT", "End before this text; may be repeated");
}

void add_models(CLI::App& app, Options& options) {
  app.add_flag("--loaded", options.loaded, "Only those in memory");
  app.add_flag("--names", options.names, "Only addresses, one a line");
}

void add_nothing(CLI::App&, Options&) {}

// What words may follow a verb.
enum class Words { none, optional_subject, subject, prompt };

struct Verb {
  std::string_view name;
  Command command;
  const Page& page;
  void (*add_options)(CLI::App&, Options&);
  Words words;
};

const std::array kVerbs{
    Verb{"ask", Command::ask, kAskPage, add_ask, Words::prompt},
    Verb{"chat", Command::chat, kChatPage, add_talking, Words::none},
    Verb{"models", Command::models, kModelsPage, add_models, Words::none},
    Verb{"status", Command::status, kStatusPage, add_nothing, Words::none},
    Verb{"plugin", Command::print, kPluginPage, add_nothing, Words::none},
    Verb{"plugin list", Command::plugin_list, kPluginListPage, add_nothing, Words::none},
    Verb{"plugin info", Command::plugin_info, kPluginInfoPage, add_nothing, Words::subject},
    Verb{"config", Command::print, kConfigPage, add_nothing, Words::none},
    Verb{"config check", Command::config_check, kConfigCheckPage, add_nothing, Words::optional_subject},
    Verb{"config show", Command::config_show, kConfigShowPage, add_nothing, Words::none},
    Verb{"config path", Command::config_path, kConfigPathPage, add_nothing, Words::none},
};
const Verb kRoot{"", Command::print, kRootPage, add_nothing, Words::none};

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

// The parser of one verb. It is never told of words, only of options: CLI11 2.1 gives some words a
// meaning ("++", "[a,b]"), and a prompt may be any text.
std::unique_ptr<CLI::App> make_app(const Verb& verb, Options& options) {
  auto app =
      std::make_unique<CLI::App>("", verb.name.empty() ? "tachikoma" : "tachikoma " + std::string(verb.name));
  app->formatter(std::make_shared<HelpFormatter>(verb.page));
  verb.add_options(*app, options);
  add_common(*app, options, verb.name.empty());
  return app;
}

// The command line, taken apart by what the app says of its options.
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

// The option at `at` with its value, apart, as "-mX" and "--model=X" name it too; moves `at` behind it.
Result<std::vector<std::string>> take_option(const CLI::App& app, const std::vector<std::string>& arguments,
                                             std::size_t& at) {
  const std::string& argument = arguments[at++];
  const bool is_long = argument.starts_with("--");
  std::size_t name_end = is_long ? std::min(argument.find('='), argument.size()) : 2;
  std::string name = argument.substr(0, name_end);
  std::vector<std::string> taken{name};
  const CLI::Option* option = app.get_option_no_throw(name);
  // flags of one letter may stand together: -vh
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

// Takes the arguments apart; stops before the first word when `first_word` is given, and says where it is.
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
  if (verb.words == Words::prompt) {
    options.words = std::move(words);
    return Done{};
  }
  const std::size_t most = verb.words == Words::none ? 0 : 1;
  if (words.size() > most) return usage_error(app, "unexpected argument '" + words[most] + "'");
  if (verb.words == Words::subject && words.empty())
    return usage_error(app, "the name or the file of a plugin is missing");
  if (!words.empty()) options.subject = std::move(words[0]);
  return Done{};
}

Error missing_command(const CLI::App& app, std::string_view group) {
  std::string names;
  for (const std::string& name : verbs_below(group)) names += (names.empty() ? "" : ", ") + name;
  return usage_error(app, "no command is given; there are " + names);
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
