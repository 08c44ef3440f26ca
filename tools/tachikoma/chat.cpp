// SPDX-License-Identifier: MIT
#include <optional>
#include <unistd.h>
#include <utility>

#include "answer.hpp"
#include "base/nearest.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "line_reader.hpp"
#include "models.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "read_text.hpp"
#include "saved_chats.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <tachikoma/conversation.hpp>
#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

constexpr std::string_view kHelp =
    R"(/model [NAME]   switch to another model; without a name: show the current one, and list all
/models         the models of every server
/reset          forget all turns
/system TEXT    go on with another system prompt; without a text: with none
/fork           go on with a copy of this chat
/save FILE      write this chat to a file
/reload         read the configuration again, as at SIGHUP; with --dry-run: say what that would change
/usage          tokens and speed of the last answer, and total tokens
/help           this list
/exit           exit, like ^D
A \ at the end of a line continues it. ^C stops an answer.
)";

/// One run of `chat`: the conversation, and what the lines do to it.
class Chat {
 public:
  Chat(const Options& options, Output& output, Runtime& runtime, Interrupts& interrupts, Hangups& hangups,
       Conversation conversation)
      : options_(options),
        output_(output),
        runtime_(runtime),
        interrupts_(interrupts),
        hangups_(hangups),
        conversation_(std::move(conversation)) {}

  int run();

 private:
  bool read_turn(LineReader& lines, std::string& turn);
  void prompt(std::string_view text);
  bool on_interrupt_at_prompt();
  bool run_command(std::string_view line);
  void answer(std::string text);
  void use_model(std::string_view name);
  void list_models();
  void show_usage();
  void reload(std::string_view option);
  void use_system(std::string_view text);
  void fork();
  void save(std::string_view file);
  void keep();
  void say_how_to_continue();
  void fail_turn(const Error& error);

  const Options& options_;
  Output& output_;
  Runtime& runtime_;
  Interrupts& interrupts_;
  Hangups& hangups_;
  Conversation conversation_;
  const bool interactive_ = ::isatty(STDIN_FILENO) == 1;
  std::optional<Reply> last_;
  std::int64_t prompt_tokens_ = 0;
  std::int64_t completion_tokens_ = 0;
  bool saves_ = SavedChats::wanted(options_);
  int interrupts_in_a_row_ = 0;
  int exit_code_ = 0;
};

void Chat::prompt(std::string_view text) {
  if (interactive_) output_.prompt(text);
}

// A turn without an answer: the exit code tells a script.
void Chat::fail_turn(const Error& error) {
  const int code = output_.fail(error);
  if (!interactive_ && exit_code_ == 0) exit_code_ = code;
}

// False when the user wants to leave.
bool Chat::on_interrupt_at_prompt() {
  if (++interrupts_in_a_row_ >= 2) {
    exit_code_ = exit_code(ErrorCode::cancelled);
    return false;
  }
  output_.say("");
  output_.say("(^C again exits, like ^D)");
  return true;
}

// One turn, over all lines that end in a backslash; false at the end.
bool Chat::read_turn(LineReader& lines, std::string& turn) {
  turn.clear();
  prompt("> ");
  std::string line;
  for (;;) {
    switch (lines.next(line)) {
      case LineReader::Event::end: return !turn.empty();
      case LineReader::Event::interrupt:
        if (!on_interrupt_at_prompt()) return false;
        turn.clear();
        prompt("> ");
        continue;
      case LineReader::Event::hangup:
        reload({});
        prompt(turn.empty() ? "> " : "… ");
        continue;
      case LineReader::Event::line: break;
    }
    interrupts_in_a_row_ = 0;
    if (!line.ends_with('\\')) {
      turn += line;
      return true;
    }
    line.back() = '\n';
    turn += line;
    prompt("… ");
  }
}

int Chat::run() {
  LineReader lines(interrupts_, hangups_);
  if (interactive_) output_.say("/help lists the commands; ^D exits");
  std::string turn;
  while (!output_.closed() && read_turn(lines, turn)) {
    if (turn.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    if (turn[0] != '/')
      answer(std::move(turn));
    else if (!run_command(turn))
      break;
  }
  prompt("\n");
  say_how_to_continue();
  return output_.finish(exit_code_);
}

void Chat::answer(std::string text) {
  if (!is_text(text)) return fail_turn({ErrorCode::invalid_argument, "this turn is not UTF-8 text"});
  AnswerPrinter printer(output_, Think::hide);
  StopOnInterrupt stop(interrupts_);
  const auto print = [&](const Delta& delta) {
    if (options_.json) return output_.closed() ? Flow::stop : Flow::proceed;
    return printer.print(delta);
  };
  Result<Reply> reply = conversation_.stream(std::move(text), print, stop.token());
  printer.finish();
  if (output_.closed()) return;
  if (!reply) {
    if (stop.interrupted()) return output_.say("(stopped; this turn is forgotten)");
    return fail_turn(reply.error());
  }
  keep();
  if (options_.json)
    output_.print_json("reply", to_value(*reply));
  else
    print_notices(output_, *reply, Think::hide);
  prompt_tokens_ += reply->usage.prompt_tokens.value_or(0);
  completion_tokens_ += reply->usage.completion_tokens.value_or(0);
  last_ = *std::move(reply);
}

void Chat::use_model(std::string_view name) {
  if (Status used = conversation_.use_model(name); !used)
    output_.fail(used.error());
  else
    output_.say("tachikoma: " + conversation_.model() + " answers from here on");
}

void Chat::list_models() {
  const ModelListing listing = runtime_.models().list();
  output_.print_foreign(models_table(listing.models, output_.room()));
  for (const ModelListing::Failure& failure : listing.failures) output_.fail(failure.error);
}

void Chat::show_usage() {
  if (!last_) return output_.print("no answer yet\n");
  output_.print("last answer: " + usage_line(last_->usage, last_->metrics) +
                "\nall answers: " + std::to_string(prompt_tokens_) + " prompt + " +
                std::to_string(completion_tokens_) + " completion tokens\n");
}

// What is asked runs on with what it began with; the rest of the chat goes on with what the file says now.
void Chat::reload(std::string_view option) {
  if (!option.empty() && option != "--dry-run")
    return (void)output_.fail({ErrorCode::invalid_argument,
                               "unknown option '" + std::string(option) + "' of /reload",
                               "as in: /reload --dry-run"});
  const Result<Reload> reload = option.empty() ? runtime_.reload() : runtime_.plan_reload();
  if (!reload) return (void)output_.fail(reload.error());
  output_.say("tachikoma: " + runtime_.config().file +
              (option.empty() ? " was read again:" : " would be read again:"));
  for (const std::string& line : describe(*reload)) output_.say("  " + line);
}

void Chat::use_system(std::string_view text) {
  conversation_.set_system(std::string(text));
  output_.say("tachikoma: from here on with " + std::string(text.empty() ? "no" : "this") +
              " system prompt; all turns stay");
}

void Chat::fork() {
  const std::string file = conversation_.file();
  conversation_ = conversation_.fork();
  output_.say(
      "tachikoma: this is a copy from here on" +
      (file.empty() ? "" : "; the chat so far: tachikoma chat --continue " + SavedChats::name_of(file)));
}

void Chat::save(std::string_view file) {
  if (file.empty())
    output_.fail({ErrorCode::invalid_argument, "/save needs a file", "as in: /save talk.jsonl"});
  else if (const Status saved = conversation_.save(std::string(file)); !saved)
    output_.fail(saved.error());
  else
    output_.say("tachikoma: saved in " + std::string(file));
}

// From the first turn on: nothing is written for a chat without one.
void Chat::keep() {
  if (!saves_ || !conversation_.file().empty()) return;
  if (const Status kept = SavedChats::keep(conversation_); !kept) {
    saves_ = false;
    output_.warn("this chat is not saved: " + kept.error().message);
  }
}

void Chat::say_how_to_continue() {
  if (!conversation_.unwritten().empty())
    output_.warn("not all of this chat is saved: " + conversation_.unwritten());
  if (const std::string file = conversation_.file(); !file.empty() && last_)
    output_.say("continue with: tachikoma chat --continue " + SavedChats::name_of(file));
}

// Runs a slash command; false when it ends the chat.
bool Chat::run_command(std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
  const std::size_t space = std::min(line.find_first_of(" \t\n"), line.size());
  const std::string_view command = line.substr(0, space);
  const std::size_t start = line.find_first_not_of(" \t\n", space);
  const std::string_view rest = start == std::string_view::npos ? std::string_view() : line.substr(start);
  if (command == "/exit" || command == "/quit") return false;
  if (command == "/model" && !rest.empty()) {
    use_model(rest);
  } else if (command == "/model" || command == "/models") {
    if (command == "/model") {
      const std::string name =
          conversation_.model().empty() ? runtime_.models().selected() : conversation_.model();
      output_.print_foreign("model: " + (name.empty() ? "none is chosen yet" : name) + "\n");
    }
    list_models();
  } else if (command == "/reset") {
    conversation_.reset();
    output_.say("tachikoma: all turns are forgotten");
  } else if (command == "/system") {
    use_system(rest);
  } else if (command == "/fork") {
    fork();
  } else if (command == "/save") {
    save(rest);
  } else if (command == "/reload") {
    reload(rest);
  } else if (command == "/usage") {
    show_usage();
  } else if (command == "/help") {
    output_.print(kHelp);
  } else {
    const std::vector<std::string> near = base::nearest(
        command,
        {"/model", "/models", "/reset", "/system", "/fork", "/save", "/reload", "/usage", "/help", "/exit"},
        1);
    output_.fail({ErrorCode::invalid_argument, "unknown command '" + std::string(command) + "'",
                  near.empty() ? "/help lists the commands" : base::did_you_mean(near)});
  }
  return true;
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

int run_chat(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Result<Conversation> conversation = begin(options, *runtime, output);
  if (!conversation) return output.fail(conversation.error());
  // report a wrong name before the first question is typed
  const std::string model = options.model.empty() ? conversation->model() : options.model;
  if (!model.empty())
    if (const Status used = conversation->use_model(model); !used) return output.fail(used.error());
  if (options.token_budget) conversation->token_budget = options.token_budget;
  Interrupts interrupts;
  Hangups hangups;
  return Chat(options, output, *runtime, interrupts, hangups, *std::move(conversation)).run();
}

void add_chat_options(OptionSet& set, Options& options) {
  add_talking(set, options);
  set.optional_text("-c,--continue", options.continued, "ID",
                    "Go on with a saved chat; by default the last one");
  set.count("--token-budget", options.token_budget, 1,
            "Leave out old turns beyond this many tokens of prompt");
  set.flag("--no-save", options.no_save, "Don't save this chat, like TACHIKOMA_NO_SAVE in the environment");
}

}  // namespace

const Verb kChat{.name = "chat",
                 .brief = "Chats with a model",
                 .usage = "[OPTIONS]",
                 .summary =
                     "Chats with a model. /help lists the commands, such as switching to another model or\n"
                     "starting over. A \\ at the end of a line continues it; ^C stops an answer, ^D exits.\n"
                     "Each chat is saved, and can be continued.",
                 .example = R"(  tachikoma chat -m openai/gpt-oss-20b -s "Answer in one sentence"
  tachikoma chat --continue
)",
                 .add_options = add_chat_options,
                 .uses_models = true,
                 .run = run_chat};

}  // namespace tachikoma::cli
