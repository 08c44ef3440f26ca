// SPDX-License-Identifier: MIT
#include <optional>
#include <unistd.h>
#include <utility>

#include "answer.hpp"
#include "base/nearest.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "line_reader.hpp"
#include "models.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "read_text.hpp"
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
/system TEXT    start over with another system prompt
/usage          tokens and speed of the last answer, and total tokens
/help           this list
/exit           exit, like ^D
A \ at the end of a line continues it. ^C stops an answer.
)";

/// One run of `chat`: the conversation, and what the lines do to it.
class Chat {
 public:
  Chat(const Options& options, Output& output, Runtime& runtime, Interrupts& interrupts)
      : options_(options),
        output_(output),
        runtime_(runtime),
        interrupts_(interrupts),
        conversation_(runtime, options.model, options.system) {}

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
  void restart(std::string_view system);
  void fail_turn(const Error& error);

  const Options& options_;
  Output& output_;
  Runtime& runtime_;
  Interrupts& interrupts_;
  Conversation conversation_;
  const bool interactive_ = ::isatty(STDIN_FILENO) == 1;
  std::optional<Reply> last_;
  std::int64_t prompt_tokens_ = 0;
  std::int64_t completion_tokens_ = 0;
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
  LineReader lines(interrupts_);
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
  output_.print_foreign(models_table(listing.models));
  for (const ModelListing::Failure& failure : listing.failures) output_.fail(failure.error);
}

void Chat::show_usage() {
  if (!last_) return output_.print("no answer yet\n");
  output_.print("last answer: " + usage_line(last_->usage, last_->metrics) +
                "\nall answers: " + std::to_string(prompt_tokens_) + " prompt + " +
                std::to_string(completion_tokens_) + " completion tokens\n");
}

void Chat::restart(std::string_view system) {
  Conversation fresh(runtime_, conversation_.model(), std::string(system));
  conversation_ = std::move(fresh);
  output_.say("tachikoma: started over with this system prompt");
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
    restart(rest);
  } else if (command == "/usage") {
    show_usage();
  } else if (command == "/help") {
    output_.print(kHelp);
  } else {
    const std::vector<std::string> near =
        base::nearest(command, {"/model", "/models", "/reset", "/system", "/usage", "/help", "/exit"}, 1);
    output_.fail({ErrorCode::invalid_argument, "unknown command '" + std::string(command) + "'",
                  near.empty() ? "/help lists the commands" : base::did_you_mean(near)});
  }
  return true;
}

int run_chat(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  if (!options.model.empty()) {
    // report a wrong name before the first question is typed
    const Result<ResolvedModel> model = runtime->models().resolve(options.model);
    if (!model) return output.fail(model.error());
  }
  Interrupts interrupts;
  return Chat(options, output, *runtime, interrupts).run();
}

}  // namespace

const Verb kChat{.name = "chat",
                 .brief = "Chats with a model",
                 .usage = "[OPTIONS]",
                 .summary =
                     "Chats with a model. /help lists the commands, such as switching to another model or\n"
                     "starting over. A \\ at the end of a line continues it; ^C stops an answer, ^D exits.",
                 .example = R"(  tachikoma chat -m openai/gpt-oss-20b -s "Answer in one sentence"
)",
                 .add_options = add_talking,
                 .uses_models = true,
                 .run = run_chat};

}  // namespace tachikoma::cli
