// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "plugin_template_texts.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

/// What one kind of plugin is made from.
struct Kind {
  std::string_view folder;     // of its templates
  std::string_view component;  // that it registers
  std::string_view what;       // the first line of its README
  std::string_view attempt;    // the last command there
};

// In the order of PluginKind.
constexpr std::array kKinds{
    Kind{"provider", "provider", "a provider that repeats what it is told",
         "tachikoma ask --config tachikoma.yaml -m @name@::any \"Hello\""},
    Kind{"openai-provider", "provider", "a provider for a server with OpenAI's API",
         "tachikoma ask --config tachikoma.yaml -m @name@::MODEL \"Hello\"  # with the server running"},
    Kind{"tool", "tool", "a tool that repeats a text",
         "tachikoma ask --config tachikoma.yaml -m MODEL --tool @name@ \"Repeat this: Hello\""},
    Kind{"monitor", "monitor", "a monitor that writes a line for each answer",
         "tachikoma ask --config tachikoma.yaml \"Hello\" && cat answers.txt"}};

Error bad_name(const std::string& name, const std::string& why) {
  return {ErrorCode::invalid_argument, "'" + name + "' can't be a plugin's name: " + why,
          "choose a name such as 'my-plugin'"};
}

// It names a file, a target of CMake, a component, and part of a class.
Status check_name(const std::string& name) {
  static const std::vector<std::string_view> ours{"echo",  "openai",     "lmstudio", "llamacpp",
                                                  "jsonl", "prometheus", "otlp",     "sqlite_log"};
  static const std::vector<std::string_view> targets{
      "all",     "clean",         "default_target", "depend",  "edit_cache",     "help",
      "install", "install-local", "preinstall",     "package", "package_source", "rebuild_cache",
      "test",    "tachikoma"};
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), fits) || name[0] < 'a' || name[0] > 'z')
    return bad_name(name, "it starts with a letter, and has only a-z, 0-9, - and _");
  if (name.size() > 48) return bad_name(name, "it has 1 to 48 characters");
  if (std::find(ours.begin(), ours.end(), name) != ours.end())
    return bad_name(name, "a plugin of that name comes with Tachikoma");
  if (std::find(targets.begin(), targets.end(), name) != targets.end())
    return bad_name(name, "the build system uses it");
  return Done{};
}

// "my-plugin" as the first part of a class's name: "MyPlugin".
std::string in_camel_case(const std::string& name) {
  std::string camel;
  bool starts_word = true;
  for (const char c : name) {
    if (c == '-' || c == '_') {
      starts_word = true;
      continue;
    }
    camel += starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts_word = false;
  }
  return camel;
}

std::string replaced(std::string text, std::string_view word, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
  return text;
}

std::string filled_in(std::string_view text, const std::string& name, const Kind& kind) {
  std::string filled = replaced(std::string(text), "@try@", kind.attempt);
  filled = replaced(std::move(filled), "@what@", kind.what);
  filled = replaced(std::move(filled), "@kind@", kind.component);
  filled = replaced(std::move(filled), "@Name@", in_camel_case(name));
  return replaced(std::move(filled), "@name@", name);
}

// "plugin_test.cpp.in" becomes "test/my-plugin_test.cpp".
std::string file_of(std::string_view source, const std::string& name) {
  const std::string file(source.substr(0, source.size() - std::string_view(".in").size()));
  if (file == "test_CMakeLists.txt") return "test/CMakeLists.txt";
  if (file == "plugin_test.cpp") return "test/" + name + "_test.cpp";
  return file == "plugin.cpp" ? name + ".cpp" : file;
}

bool has_own(const Kind& kind, std::string_view file) {
  return std::any_of(std::begin(kPluginTemplates), std::end(kPluginTemplates), [&](const auto& each) {
    return each.file == std::string(kind.folder) + "/" + std::string(file);
  });
}

Status write_into(const fs::path& folder, const std::string& file, const std::string& text) {
  std::ofstream stream(folder / file, std::ios::binary);
  if (stream << text << std::flush) return Done{};
  return Error(ErrorCode::invalid_argument, "'" + (folder / file).string() + "' can't be written",
               "name a folder that you may write to, with space on its disk");
}

Result<std::vector<std::string>> write_all(const fs::path& folder, const std::string& name,
                                           const Kind& kind) {
  std::vector<std::string> files;
  for (const PluginTemplate& each : kPluginTemplates) {
    const std::size_t slash = each.file.find('/');
    const std::string_view group = each.file.substr(0, slash), file = each.file.substr(slash + 1);
    if (group != kind.folder && (group != "shared" || has_own(kind, file))) continue;
    files.push_back(file_of(file, name));
    TACHIKOMA_TRY_STATUS(write_into(folder, files.back(), filled_in(each.text, name, kind)));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Only a folder that did not exist is written to, and a failure leaves none.
Result<std::vector<std::string>> make_project(const fs::path& folder, const std::string& name,
                                              const Kind& kind) {
  std::error_code failure;
  if (const fs::path above = folder.parent_path(); !above.empty()) fs::create_directories(above, failure);
  if (failure || (!fs::create_directory(folder, failure) && failure))
    return Error(ErrorCode::invalid_argument,
                 "the folder '" + folder.string() + "' can't be made: " + failure.message(),
                 "name one that you may make with --dir");
  fs::create_directory(folder / "test", failure);
  Result<std::vector<std::string>> files = write_all(folder, name, kind);
  if (!files) fs::remove_all(folder, failure);
  return files;
}

Result<std::vector<std::string>> make_plugin(const Options& options, const std::string& folder) {
  TACHIKOMA_TRY_STATUS(check_name(options.subject));
  std::error_code ignored;
  if (fs::symlink_status(folder, ignored).type() != fs::file_type::not_found)
    return Error(ErrorCode::invalid_argument, "'" + folder + "' exists already",
                 "name a new folder with --dir; what exists is not changed");
  return make_project(folder, options.subject, kKinds[static_cast<std::size_t>(options.plugin_kind)]);
}

int run_plugin_new(const Options& options, Output& output) {
  std::string folder = options.folder.empty() ? options.subject : options.folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const Result<std::vector<std::string>> files = make_plugin(options, folder);
  if (!files) return output.fail(files.error());
  if (options.json) {
    output.print_json("plugin_new", Value::object({{"folder", folder}, {"files", base::array_of(*files)}}));
    return output.finish(0);
  }
  for (const std::string& file : *files) output.print_foreign(folder + "/" + file + "\n");
  output.say("tachikoma: " + folder + "/README.md says how it is built, tested and tried");
  return output.finish(0);
}

void add_new_options(OptionSet& set, Options& options) {
  set.choice<PluginKind>(
      "--kind", {"provider", "openai-provider", "tool", "monitor"},
      [&options](PluginKind kind) { options.plugin_kind = kind; },
      "provider (default), openai-provider, tool or monitor");
  set.text("--dir", options.folder, "DIR", "The new folder; by default NAME");
}

}  // namespace

const Verb kPluginNew{
    .name = "plugin new",
    .brief = "Writes a project for a plugin of your own",
    .usage = "[OPTIONS] NAME",
    .summary =
        "Writes a folder with a plugin that builds, keeps the contract and has a test, to be\n"
        "changed into yours: CMake, source, schema of the settings, test, a configuration to\n"
        "try it with. An openai-provider is for any server with OpenAI's API. A folder that\n"
        "exists is not changed.",
    .example = R"(  tachikoma plugin new shout --kind provider
  tachikoma plugin new dice --kind tool --dir plugins/dice
)",
    .add_options = add_new_options,
    .words = Words::subject,
    .subject = "the name of the plugin",
    .run = run_plugin_new};

}  // namespace tachikoma::cli
