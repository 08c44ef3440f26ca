// SPDX-License-Identifier: MIT
#include "chat_completion.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/lists.hpp"
#include "chat_commands.hpp"
#include "chat_settings.hpp"
#include "saved_chats.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;
using Argument = SlashCommand::Argument;

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const SlashCommand& command : slash_commands())
    if (!command.help.empty()) names.emplace_back(command.name);
  return names;
}

Completions that_begin(std::string_view word, std::vector<std::string> candidates) {
  std::erase_if(candidates, [&](const std::string& each) { return !each.starts_with(word); });
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return {word, std::move(candidates)};
}

std::vector<std::string> chats_and_files(const std::string& word) {
  std::vector<std::string> names = SavedChats::ids();
  const std::vector<std::string> files = files_that_begin(word);
  names.insert(names.end(), files.begin(), files.end());
  return names;
}

}  // namespace

std::vector<std::string> files_that_begin(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string name = path.substr(folder.size());
  std::vector<std::string> files;
  std::error_code failed;
  for (fs::directory_iterator each(folder.empty() ? "." : folder, failed), end; !failed && each != end;
       each.increment(failed)) {
    const std::string file = each->path().filename().string();
    if (!file.starts_with(name) || (name.empty() && file.starts_with('.'))) continue;
    std::error_code ignored;
    files.push_back(folder + file + (each->is_directory(ignored) ? "/" : ""));
  }
  return files;
}

const std::vector<std::string>& ChatCompletion::models() {
  if (!models_.empty()) return models_;
  StopOnInterrupt stop(chat_.interrupts);
  models_ = chat_.runtime.models().aliases();
  for (const ListedModel& model : chat_.runtime.models().list(stop.token()).models)
    models_.push_back(model.address);
  return models_;
}

Completions ChatCompletion::operator()(std::string_view before) {
  if (!before.starts_with('/')) return {};
  const std::size_t end = before.find(' ');
  if (end == std::string_view::npos) return that_begin(before, command_names());
  const auto commands = slash_commands();
  const auto command = std::find_if(commands.begin(), commands.end(), [&](const SlashCommand& each) {
    return each.name == before.substr(0, end);
  });
  if (command == commands.end()) return {};
  const std::size_t first = std::min(before.find_first_not_of(' ', end), before.size());
  const std::string_view rest = before.substr(first);
  const std::string_view last = before.substr(before.rfind(' ') + 1);
  switch (command->argument) {
    case Argument::none:
    case Argument::text: return {};
    case Argument::model: return that_begin(rest, models());
    case Argument::tool:
      return that_begin(last, base::texts_of(chat_.runtime.config().tools, &ComponentConfig::id));
    case Argument::setting:
      return last.data() == rest.data() ? that_begin(rest, setting_names()) : Completions{};
    case Argument::reasoning: return that_begin(rest, {kReasoningWords.begin(), kReasoningWords.end()});
    case Argument::file: return that_begin(rest, files_that_begin(std::string(rest)));
    case Argument::chat: return that_begin(rest, chats_and_files(std::string(rest)));
    case Argument::reload: return that_begin(rest, {"--dry-run"});
  }
  return {};
}

}  // namespace tachikoma::cli
