// SPDX-License-Identifier: MIT
#include "saved_chats.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/state_folder.hpp"
#include "base/try.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".jsonl";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Empty without a home.
std::string folder() {
  const std::string state = base::state_folder();
  return state.empty() ? state : state + "/conversations";
}

std::string file_of(const std::string& id) { return folder() + "/" + id + std::string(kExtension); }

Error none_saved() {
  return Error(ErrorCode::invalid_argument, "there is no saved chat to continue",
               folder().empty() ? "set HOME or XDG_STATE_HOME" : "chats are saved in '" + folder() + "'");
}

Result<std::string> find(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(kExtension)) return name;
  const std::vector<std::string> known = SavedChats::ids();
  if (known.empty()) return none_saved();
  if (name.empty()) return file_of(known.front());
  if (std::find(known.begin(), known.end(), name) != known.end()) return file_of(name);
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> last(
      known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, known.size())));
  return base::not_found(ErrorCode::invalid_argument, "no chat '" + name + "' is saved", name, known,
                         "the last ones are " + base::quoted_list(last, " and "));
}

std::string id_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  ::localtime_r(&now, &local);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d-%H%M", &local)};
}

}  // namespace

bool SavedChats::wanted(const Options& options) {
  return !options.no_save && environment("TACHIKOMA_NO_SAVE").empty();
}

std::vector<std::string> SavedChats::ids() {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code failed;
  for (fs::directory_iterator each(folder(), failed), end; !failed && each != end; each.increment(failed)) {
    const fs::path& path = each->path();
    if (path.extension() != kExtension || path.filename().native().starts_with('.')) continue;
    std::error_code ignored;
    found.emplace_back(each->last_write_time(ignored), path.stem().string());
  }
  std::sort(found.rbegin(), found.rend());
  return base::texts_of(found, [](const auto& each) { return each.second; });
}

std::vector<SavedChats::Summary> SavedChats::recent(Runtime& runtime, std::size_t limit) {
  std::vector<Summary> chats;
  for (const std::string& id : ids()) {
    if (chats.size() == limit) break;
    const Result<Conversation> chat = Conversation::restore(runtime, file_of(id));
    if (!chat) continue;
    Summary& summary = chats.emplace_back(Summary{.id = id, .model = chat->model()});
    for (const Message& message : chat->messages()) {
      if (message.role != Role::user) continue;
      if (summary.turns++ == 0) summary.began = message.text;
    }
  }
  return chats;
}

Result<Conversation> SavedChats::resume(Runtime& runtime, const std::string& name, bool saves,
                                        Output& output) {
  TACHIKOMA_TRY(const std::string file, find(name));
  if (!saves) return Conversation::restore(runtime, file);
  Result<Conversation> resumed = Conversation::resume(runtime, file);
  if (resumed || !resumed.error().detail["in_use"].as_bool()) return resumed;
  Result<Conversation> copy = Conversation::restore(runtime, file);
  if (copy)
    output.say("tachikoma: another program goes on with the chat '" + name_of(file) +
               "'; this is a copy, which is saved by itself");
  return copy;
}

Status SavedChats::keep(Conversation& conversation) {
  if (folder().empty())
    return Error(ErrorCode::invalid_argument,
                 "there is no folder for it: neither XDG_STATE_HOME nor HOME is set");
  std::error_code failed;
  fs::create_directories(fs::path(folder()).parent_path(), failed);
  if (fs::create_directory(folder(), failed)) fs::permissions(folder(), fs::perms::owner_all, failed);
  if (failed) return Error(ErrorCode::invalid_argument, "can't make '" + folder() + "': " + failed.message());
  const std::string id = id_now();
  for (int number = 1;; ++number) {
    Status kept = conversation.keep_in(file_of(number == 1 ? id : id + "-" + std::to_string(number)));
    if (kept || !kept.error().detail["exists"].as_bool()) return kept;
  }
}

std::string SavedChats::name_of(const std::string& file) {
  const fs::path path(file);
  std::error_code ignored;
  const bool ours = fs::equivalent(path.parent_path(), folder(), ignored) && path.extension() == kExtension;
  return ours ? path.stem().string() : file;
}

}  // namespace tachikoma::cli
