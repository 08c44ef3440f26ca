// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include "ask.hpp"
#include "base/state_folder.hpp"
#include "base/try.hpp"
#include "chat_actions.hpp"
#include "chat_commands.hpp"
#include "chat_completion.hpp"
#include "chat_state.hpp"
#include "chat_status.hpp"
#include "chat_turn.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "line_editor.hpp"
#include "line_reader.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "saved_chats.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <tachikoma/conversation.hpp>

namespace tachikoma::cli {
namespace {

/// Takes the turns of a chat from its lines, and answers each or runs it as a command.
class ChatLoop {
 public:
  ChatLoop(Chat& chat, LineSource& lines) : chat_(chat), lines_(lines) {}

  void run();

 private:
  bool read_turn(std::string& turn);
  bool on_interrupt(bool typed);

  Chat& chat_;
  LineSource& lines_;
  int interrupts_in_a_row_ = 0;
};

// False when the user wants to leave. ^C on a line that has something on it only clears that.
bool ChatLoop::on_interrupt(bool typed) {
  interrupts_in_a_row_ = typed ? 0 : interrupts_in_a_row_ + 1;
  if (interrupts_in_a_row_ >= 2) {
    chat_.exit_code = exit_code(ErrorCode::cancelled);
    return false;
  }
  if (!typed) chat_.output.say("(^C again exits, like ^D)");
  return true;
}

// One turn, over all lines that end in a backslash; false at the end.
bool ChatLoop::read_turn(std::string& turn) {
  if (!chat_.draft.empty()) {
    turn = std::exchange(chat_.draft, {});
    return true;
  }
  turn.clear();
  std::string line;
  for (;;) {
    switch (lines_.next(turn.empty() ? prompt_of(chat_) : "… ", line)) {
      case LineSource::Event::end: return !turn.empty();
      case LineSource::Event::interrupt:
        if (!on_interrupt(!turn.empty() || !line.empty())) return false;
        turn.clear();
        continue;
      case LineSource::Event::hangup: reload(chat_, {}); continue;
      case LineSource::Event::line: break;
    }
    interrupts_in_a_row_ = 0;
    if (!line.ends_with('\\')) {
      turn += line;
      return true;
    }
    line.back() = '\n';
    turn += line;
  }
}

void ChatLoop::run() {
  std::string turn;
  while (!chat_.output.closed() && read_turn(turn)) {
    if (turn.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    if (turn[0] != '/')
      send_message(chat_, std::move(turn));
    else if (!run_command(chat_, turn))
      break;
  }
}

// A terminal's lines are edited; those of a pipe are read.
std::unique_ptr<LineSource> make_lines(Chat& chat, Hangups& hangups) {
  if (chat.on_terminal && chat.output.can_show()) {
    const std::string folder = base::state_folder();
    LineHistory history(chat.saves && !folder.empty() ? folder + "/chat_history" : std::string());
    Result<std::unique_ptr<LineEditor>> editor = LineEditor::open(
        chat.interrupts, hangups, std::move(history), ChatCompletion(chat), chat.output.colors_errors());
    if (editor) return *std::move(editor);
    chat.output.warn(editor.error().message + "; " + editor.error().hint);
  }
  return std::make_unique<LineReader>(chat.output, chat.interrupts, hangups);
}

void say_how_to_continue(const Chat& chat) {
  if (!chat.conversation.unwritten().empty())
    chat.output.warn("not all of this chat is saved: " + chat.conversation.unwritten());
  if (const std::string file = chat.conversation.file(); !file.empty() && chat.has_new_turn)
    chat.output.say("continue with: tachikoma chat --continue " + SavedChats::name_of(file));
}

// A new one, or the one to go on with, as the options have it.
Result<Conversation> begin(const Options& options, Runtime& runtime, Output& output) {
  if (!options.continued) return Conversation(runtime, options.model, options.system);
  TACHIKOMA_TRY(Conversation conversation,
                SavedChats::resume(runtime, *options.continued, SavedChats::wanted(options), output));
  for (const std::string& notice : conversation.notices()) output.warn(notice);
  if (!options.system.empty()) conversation.set_system(options.system);
  return conversation;
}

// What can be wrong is reported before the first question is typed.
Status prepare(Chat& chat) {
  TACHIKOMA_TRY_STATUS(equip(chat, chat.conversation));
  for (const std::string& file : chat.options.files) TACHIKOMA_TRY_STATUS(add_file(chat.attached, file));
  const std::string model = chat.options.model.empty() ? chat.conversation.model() : chat.options.model;
  return model.empty() ? Status(Done{}) : chat.conversation.use_model(model);
}

int run_chat(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Result<Conversation> conversation = begin(options, *runtime, output);
  if (!conversation) return output.fail(conversation.error());
  Interrupts interrupts;
  Hangups hangups;
  Chat chat{.options = options,
            .output = output,
            .runtime = *runtime,
            .interrupts = interrupts,
            .conversation = *std::move(conversation),
            .on_terminal = ::isatty(STDIN_FILENO) == 1,
            .saves = SavedChats::wanted(options),
            .think = options.think,
            .tools = options.tools};
  if (const Status prepared = prepare(chat); !prepared) return output.fail(prepared.error());
  if (chat.on_terminal) output.say("/help lists the commands; ^D exits");
  ChatLoop(chat, *make_lines(chat, hangups)).run();
  say_how_to_continue(chat);
  return output.finish(chat.exit_code);
}

void add_chat_options(OptionSet& set, Options& options) {
  add_talking(set, options);
  add_files(set, options);
  set.optional_text("-c,--continue", options.continued, "ID",
                    "Go on with a saved chat; by default the last one");
  set.count("--token-budget", options.token_budget, 1,
            "Leave out old turns beyond this many tokens of prompt");
  set.flag("--no-save", options.no_save, "Don't save this chat, like TACHIKOMA_NO_SAVE in the environment");
  set.texts("--tool", options.tools, "ID", "Let the model call this tool; may be repeated");
  add_reasoning(set, options);
  add_generation(set, options);
}

}  // namespace

const Verb kChat{.name = "chat",
                 .brief = "Chats with a model",
                 .usage = "[OPTIONS]",
                 .summary =
                     "Chats with a model. /help lists the commands, such as switching to another model or\n"
                     "starting over. A \\ at the end of a line continues it; ^C stops an answer, ^D exits.\n"
                     "Each chat is saved, and can be continued. What -f adds goes with the first message.",
                 .example = R"(  tachikoma chat -m openai/gpt-oss-20b -s "Answer in one sentence"
  tachikoma chat --continue
)",
                 .add_options = add_chat_options,
                 .uses_models = true,
                 .run = run_chat};

}  // namespace tachikoma::cli
