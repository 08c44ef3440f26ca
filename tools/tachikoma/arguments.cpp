// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <sstream>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/try.hpp"
#include "guesses.hpp"
#include "option_set.hpp"
#include "terminal_size.hpp"
#include "verb_tree.hpp"
#include "width.hpp"

#include <tachikoma/version.hpp>

namespace tachikoma::cli {
namespace {

// A verb in the list of its group: in that of all, a group has its verbs beside it; elsewhere, its arguments.
std::string entry_of(const Verb& group, const Verb& verb) {
  std::string entry(name_in(group, verb));
  if (is_group(verb)) return entry + " " + joined_by_bars(verbs_in(verb));
  constexpr std::string_view kOptions = "[OPTIONS]";
  if (&group != &kRoot) entry += verb.usage.substr(kOptions.size());
  return entry;
}

// A page is never wider than this: it reads the same in a manual.
constexpr std::size_t kHelpColumns = 80;

std::size_t help_columns() { return std::min(terminal_size(STDOUT_FILENO).columns, kHelpColumns); }

// A name and what it is: beside it, or below where that leaves too little room.
std::string help_entry(const std::string& name, std::string_view about) {
  constexpr std::size_t kBeside = 30, kBelow = 6;
  const std::size_t columns = help_columns();
  const std::size_t column = columns >= 2 * kBeside ? kBeside : kBelow;
  std::string text, line = "  " + name;
  if (line.size() >= column || column == kBelow) text = wrapped_text(std::exchange(line, ""), columns, 2);
  for (const std::string_view each : wrapped(about, columns - column)) {
    line.resize(column, ' ');
    text.append(std::exchange(line, "")).append(each).append("\n");
  }
  return text;
}

// Paragraphs, which are filled, and lines that are set in, which stay as they are.
std::string filled_paragraphs(std::string_view text) {
  std::string joined;
  bool fill = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool is_prose = text[at] != ' ';
    if (!joined.empty()) joined += fill && is_prose ? ' ' : '\n';
    joined.append(text.substr(at, end - at));
    fill = is_prose;
    at = end + 1;
  }
  return wrapped_text(joined, help_columns());
}

std::string commands_of(const Verb& group) {
  std::string lines;
  for (const Verb* verb : kVerbs) {
    if (!is_listed(group, *verb)) continue;
    lines += help_entry(entry_of(group, *verb), verb->brief);
  }
  return lines;
}

class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(const Verb& verb) : verb_(verb) {}

  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode mode) const override {
    std::ostringstream out;
    out << wrapped_text("Usage: " + app->get_name() + ' ' + usage_of(verb_), help_columns(), 7) << '\n'
        << filled_paragraphs(verb_.summary);
    if (is_group(verb_)) out << "\nCommands:\n" << commands_of(verb_);
    std::string options = make_groups(app, mode);
    options.erase(options.find_last_not_of('\n') + 1);
    if (!options.empty()) out << options << '\n';
    out << '\n';
    if (&verb_ != &kRoot)
      out << wrapped_text("Options of every command: tachikoma --help\n\n", help_columns(), 2);
    out << "Example:\n" << wrapped_text(verb_.example, help_columns(), 4);
    return out.str();
  }

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    return help_entry(make_option_name(option, is_positional) + make_option_opts(option),
                      make_option_desc(option));
  }

  // CLI11 appends the value to a flag's second name
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    constexpr std::string_view kMark = "{false}";
    if (name.ends_with(kMark)) name.erase(name.size() - kMark.size());
    return name;
  }

 private:
  const Verb& verb_;
};

Error usage_error(const CLI::App& app, std::string message, std::string hint = {}) {
  if (hint.empty()) hint = "see '" + app.get_name() + " --help'";
  return {ErrorCode::invalid_argument, std::move(message), std::move(hint)};
}

// The options of every verb; the help of all shows them.
void add_common(CLI::App& app, Options& options, bool in_help) {
  const std::string group = in_help ? "Options" : "";
  app.set_help_flag("-h,--help", "Print this help")->group(group);
  app.add_option("--config", options.config, "The configuration to use")->type_name("FILE")->group(group);
  app.add_flag("--json", options.json, "Print the result, or the error, as JSON")->group(group);
  OptionSet(app).texts("--plugin-path", options.plugin_paths, "DIR", "Search this folder for plugins too");
  app.get_option("--plugin-path")->group(group);
  app.add_flag("-v,--verbose", options.verbose, "Log to stderr what is being done")->group(group);
  app.add_flag_callback(
         "--no-color", [&options] { options.color = false; }, "No colours, like NO_COLOR in the environment")
      ->group(group);
  app.set_version_flag("--version", "tachikoma " + std::string(kVersion), "Print the version")->group(group);
}

// The parser of one verb. It gets only the options, never the words: CLI11 2.1 gives some words a
// meaning ("++", "[a,b]"), and a prompt may be any text.
std::unique_ptr<CLI::App> make_app(const Verb& verb, Options& options) {
  auto app =
      std::make_unique<CLI::App>("", verb.name.empty() ? "tachikoma" : "tachikoma " + std::string(verb.name));
  app->formatter(std::make_shared<HelpFormatter>(verb));
  OptionSet set(*app);
  if (verb.add_options) verb.add_options(set, options);
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
  const std::vector<std::string> near = base::nearest(option, names, 1);
  return usage_error(app, "unknown option '" + option + "'",
                     near.empty()
                         ? "see '" + app.get_name() + " --help'; put -- before a text that begins with '-'"
                         : base::did_you_mean(near));
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
  } else if (OptionSet::is_optional(option->get_type_name())) {
    const bool follows = at < arguments.size() && !arguments[at].starts_with('-');
    taken.push_back(follows ? arguments[at++] : std::string());
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
      TACHIKOMA_TRY(std::vector<std::string> taken, take_option(app, arguments, at));
      std::move(taken.begin(), taken.end(), std::back_inserter(result.options));
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
  const std::size_t max = verb.words == Words::none ? 0 : 1;
  if (words.size() > max) return usage_error(app, "unexpected argument '" + words[max] + "'");
  if (verb.words == Words::subject && words.empty())
    return usage_error(app, std::string(verb.subject) + " is missing");
  if (!words.empty()) options.subject = std::move(words[0]);
  return Done{};
}

Error missing_command(const CLI::App& app, const Verb& group) {
  return usage_error(app, "a command is missing; use one of " + base::listed(verbs_in(group)));
}

Error unknown_command(const CLI::App& app, const Verb& group, const std::string& name) {
  std::vector<std::string> near = base::nearest(name, verbs_in(group), 1);
  for (std::string& verb : near) verb.insert(0, prefix_of(group));
  std::string hint = base::did_you_mean(near);
  if (const Guess* guess = find_guess(prefix_of(group) + name))
    hint = guess->hint;
  else if (name.find(' ') != std::string::npos)
    hint = "a question follows 'ask': tachikoma ask \"...\"";
  return usage_error(app, "unknown command '" + prefix_of(group) + name + "'", std::move(hint));
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
  TACHIKOMA_TRY(Split parts, split(*app, arguments));
  TACHIKOMA_TRY_STATUS(parse_options(*app, std::move(parts.options), options));
  if (is_group(verb) && !parts.words.empty()) return unknown_command(*app, verb, parts.words[0]);
  if (!options.text.empty()) return options;
  if (is_group(verb)) return missing_command(*app, verb);
  TACHIKOMA_TRY_STATUS(take_words(*app, verb, std::move(parts.words), options));
  options.verb = &verb;
  return options;
}

std::vector<OptionRow> rows_of(const CLI::App& app, const OptionSet& set) {
  std::vector<OptionRow> rows;
  for (const CLI::Option* option : app.get_options()) {
    OptionRow row{.names = {}, .type = {}, .help = option->get_description(), .choices = {}};
    for (const std::string& name : option->get_snames()) row.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) row.names.push_back("--" + name);
    if (option->get_items_expected_max() > 0) row.type = option->get_type_name();
    if (const auto found = set.choices().find(row.names.back()); found != set.choices().end())
      row.choices = found->second;
    rows.push_back(std::move(row));
  }
  return rows;
}

// The verb of `group` that the arguments name, or the group itself. Its words leave the arguments.
Result<const Verb*> take_verb(const Verb& group, std::vector<std::string>& arguments) {
  Options ignored;
  const std::unique_ptr<CLI::App> app = make_app(group, ignored);
  std::size_t at = arguments.size();
  TACHIKOMA_TRY_STATUS(split(*app, arguments, &at));
  const Verb* verb = at < arguments.size() ? find_verb(prefix_of(group) + arguments[at]) : nullptr;
  if (!verb) return &group;
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
  return is_group(*verb) ? take_verb(*verb, arguments) : verb;
}

// "help ask" is "ask --help".
void spell_out(std::vector<std::string>& arguments) {
  if (arguments.empty()) arguments.emplace_back("help");
  if (arguments[0] == "version") arguments[0] = "--version";
  if (arguments[0] != "help") return;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
}

}  // namespace

std::vector<OptionRow> options_of(const Verb& verb) {
  Options ignored;
  CLI::App app;
  app.set_help_flag();
  OptionSet set(app);
  if (verb.add_options) verb.add_options(set, ignored);
  return rows_of(app, set);
}

std::vector<OptionRow> common_options() {
  Options ignored;
  CLI::App app;
  add_common(app, ignored, true);
  return rows_of(app, OptionSet(app));
}

Result<Options> parse_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  spell_out(arguments);
  TACHIKOMA_TRY(const Verb* const verb, take_verb(kRoot, arguments));
  return parse_verb(*verb, arguments);
}

bool wants_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i)
    if (std::string_view(argv[i]) == "--json") return true;
  return false;
}

}  // namespace tachikoma::cli
