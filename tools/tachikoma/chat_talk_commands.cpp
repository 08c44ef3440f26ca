// SPDX-License-Identifier: MIT
// The slash commands on what is said.
#include <string>
#include <utility>
#include <vector>

#include "base/excerpt.hpp"
#include "base/lists.hpp"
#include "chat_actions.hpp"
#include "chat_turn.hpp"
#include "edit_text.hpp"
#include "prompt.hpp"
#include "saved_chats.hpp"
#include "table.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kListedChats = 10;

void list_chats(Chat& chat) {
  const std::vector<SavedChats::Summary> chats = SavedChats::recent(chat.runtime, kListedChats);
  if (chat.options.json) {
    Value list = base::array_of(chats, [](const SavedChats::Summary& each) {
      return Value::object(
          {{"id", each.id}, {"model", each.model}, {"turns", each.turns}, {"began", each.began}});
    });
    return chat.output.print_json("chats", Value::object({{"chats", std::move(list)}}));
  }
  if (chats.empty()) return chat.output.say("tachikoma: no chat is saved yet");
  std::vector<std::vector<std::string>> rows{{"ID", "TURNS", "BEGAN"}};
  for (const SavedChats::Summary& each : chats)
    rows.push_back({each.id, std::to_string(each.turns), base::excerpt(each.began, 40)});
  chat.output.print_foreign(table(rows, {.right = {1}, .names = {0}}, chat.output.room()));
}

std::string how_to_continue(const std::string& file) {
  return file.empty() ? "" : "; the chat so far: tachikoma chat --continue " + SavedChats::name_of(file);
}

}  // namespace

void attach_file(Chat& chat, std::string_view path) {
  if (const Status added = add_file(chat.attached, std::string(path)); !added)
    return (void)chat.output.fail(added.error());
  report(chat, "'" + std::string(path) + "' goes with the next message");
}

void edit_message(Chat& chat, std::string_view text) {
  if (!chat.on_terminal)
    return (void)chat.output.fail({ErrorCode::invalid_argument, "/edit needs a terminal",
                                   "write the message as a line that ends in \\ where it goes on"});
  Result<std::string> edited = edit_text(text);
  chat.interrupts.take();  // what was pressed in the editor was meant for it
  if (!edited) return (void)chat.output.fail(edited.error());
  if (edited->find_first_not_of(" \t\r\n") == std::string::npos)
    return chat.output.say("tachikoma: the text is empty: nothing is sent");
  chat.draft = *std::move(edited);
}

void retry(Chat& chat, std::string_view) { answer_again(chat); }

void reset(Chat& chat, std::string_view) {
  chat.conversation.reset();
  report(chat, "all turns are forgotten");
}

void fork(Chat& chat, std::string_view) {
  const std::string file = chat.conversation.file();
  chat.conversation = chat.conversation.fork();
  report(chat, "this is a copy from here on" + how_to_continue(file));
}

void save(Chat& chat, std::string_view file) {
  if (const Status saved = chat.conversation.save(std::string(file)); !saved)
    return (void)chat.output.fail(saved.error());
  report(chat, "saved in " + std::string(file));
}

void resume(Chat& chat, std::string_view id) {
  if (id.empty()) return list_chats(chat);
  Result<Conversation> resumed = SavedChats::resume(chat.runtime, std::string(id), chat.saves, chat.output);
  if (!resumed) return (void)chat.output.fail(resumed.error());
  for (const std::string& notice : resumed->notices()) chat.output.warn(notice);
  if (const Status equipped = equip(chat, *resumed); !equipped)
    return (void)chat.output.fail(equipped.error());
  const std::string before = chat.conversation.file();
  chat.conversation = *std::move(resumed);
  chat.last.reset();
  report(chat, "this is the chat '" + std::string(id) + "' from here on" + how_to_continue(before));
}

}  // namespace tachikoma::cli
