// SPDX-License-Identifier: MIT
#include "ask.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "answer.hpp"
#include "base/try.hpp"
#include "code_block.hpp"
#include "dry_run.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "read_text.hpp"
#include "session.hpp"
#include "stream_json.hpp"
#include "templates.hpp"
#include "tool_use.hpp"
#include "verbs.hpp"
#include "waiting_line.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

Result<Value> read_schema(const std::string& path) {
  TACHIKOMA_TRY(const std::string text, read_text(path));
  Result<Value> schema = parse_json(text);
  if (!schema)
    return Error(ErrorCode::invalid_argument,
                 "--schema: '" + path + "' is not JSON: " + schema.error().message);
  return schema;
}

Result<TextRequest> make_request(Runtime& runtime, const Options& options, std::vector<Message> messages,
                                 std::stop_token stop, Output& output) {
  TextRequest request{.model = options.model,
                      .messages = std::move(messages),
                      .settings = options.settings,
                      .cache = options.no_cache ? CacheUse::bypass : CacheUse::use,
                      .stop = std::move(stop)};
  TACHIKOMA_TRY_STATUS(add_tools(runtime, options, request, output));
  return request;
}

// An answer by a schema: the object alone, or with --json in the reply.
Result<Reply> answer_with_object(Runtime& runtime, TextRequest request, const Value& schema,
                                 const Options& options, Output& output) {
  if (options.stream_json) return stream_object_json(runtime, std::move(request), schema, output);
  WaitingLine wait(output);
  wait.begin();
  TACHIKOMA_TRY(ObjectReply<Value> answered, runtime.generate_object(std::move(request), schema));
  wait.end();
  if (options.json) {
    Value data = to_value(answered.reply);
    data.set("object", std::move(answered.object));
    output.print_json("reply", std::move(data));
  } else {
    output.print_foreign(to_json(answered.object) + "\n");
  }
  return std::move(answered.reply);
}

// Of an answer its code alone, without what is said of it; with --json in the reply.
Result<Reply> answer_with_code(Runtime& runtime, TextRequest request, const Options& options,
                               Output& output) {
  Result<Reply> reply = runtime.generate_text(std::move(request));
  if (!reply) return reply;
  const std::optional<std::string> code = first_code_block(reply->text);
  if (!code)
    return Error(ErrorCode::schema_violation, "the answer has no code block", "leave --extract out to see it",
                 Value::object({{"partial", to_value(*reply)}}));
  if (options.json) {
    Value data = to_value(*reply);
    data.set("code", *code);
    output.print_json("reply", std::move(data));
  } else {
    output.print_foreign(*code);
  }
  return reply;
}

// Ends with the answer on stdout: as it comes, as one object, or as one object a line.
Result<Reply> answer(Runtime& runtime, TextRequest request, const Options& options, Output& output) {
  if (options.stream_json) return stream_json(runtime, std::move(request), output);
  if (options.json) {
    WaitingLine wait(output);
    wait.begin();
    Result<Reply> reply = runtime.generate_text(std::move(request));
    wait.end();
    if (reply) output.print_json("reply", to_value(*reply));
    return reply;
  }
  AnswerPrinter printer(output, options.think, options.raw);
  Result<Reply> reply =
      runtime.stream_text(std::move(request), [&](const Delta& delta) { return printer.print(delta); });
  printer.finish();
  return reply;
}

Status check_forms(const Options& options) {
  const auto clash = [](const char* one, const char* other) {
    return Error(ErrorCode::invalid_argument,
                 std::string(one) + " and " + other + " are two forms of an answer", "keep one of them");
  };
  if (options.extract && !options.schema.empty()) return clash("--extract", "--schema");
  if (options.extract && options.stream_json) return clash("--extract", "--stream-json");
  if (options.dry_run && options.stream_json) return clash("--dry-run", "--stream-json");
  return Done{};
}

template <class Setting>
bool is_absent(const Setting& setting) {
  if constexpr (requires { setting.empty(); })
    return setting.empty();
  else
    return !setting.has_value();
}

// The options that the template adds to, where they say nothing themselves.
Options with_template(Options options, const PromptTemplate& prompt) {
  if (options.model.empty()) options.model = prompt.model;
  if (options.system.empty()) options.system = prompt.system;
  for_each_generation_setting([&](const char*, auto member, const SettingRule&) {
    if (is_absent(options.settings.*member)) options.settings.*member = prompt.settings.*member;
  });
  options.settings.extra = prompt.settings.extra;
  return options;
}

// What is asked, before a server is.
struct Question {
  Options options;
  Value schema = {};
  std::vector<Message> messages = {};
};

Result<Question> read_question(const Options& options, Output& output) {
  TACHIKOMA_TRY_STATUS(check_forms(options));
  Question question{.options = options};
  if (!options.schema.empty()) {
    TACHIKOMA_TRY(question.schema, read_schema(options.schema));
  }
  std::optional<PromptTemplate> prompt;
  if (!options.prompt_template.empty()) {
    TACHIKOMA_TRY(prompt, find_template(options));
    question.options = with_template(options, *prompt);
  }
  TACHIKOMA_TRY(question.messages, build_messages(question.options, output, prompt ? &*prompt : nullptr));
  return question;
}

Result<Reply> ask(const Options& given, Output& output, bool& interrupted) {
  TACHIKOMA_TRY(Question question, read_question(given, output));
  const Options& options = question.options;
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  Result<Reply> reply = [&]() -> Result<Reply> {
    TACHIKOMA_TRY(Runtime runtime, open_runtime(options));
    TACHIKOMA_TRY(TextRequest request,
                  make_request(runtime, options, std::move(question.messages), stop.token(), output));
    if (options.extract) return answer_with_code(runtime, std::move(request), options, output);
    if (options.schema.empty()) return answer(runtime, std::move(request), options, output);
    return answer_with_object(runtime, std::move(request), question.schema, options, output);
  }();
  interrupted = stop.interrupted();
  return reply;
}

// Asks no server.
int show_request(const Options& options, Output& output) {
  Result<Question> question = read_question(options, output);
  if (!question) return output.fail(question.error());
  Result<Runtime> runtime = open_unchecked_runtime(question->options);
  if (!runtime) return output.fail(runtime.error());
  const Result<TextRequest> request =
      make_request(*runtime, question->options, std::move(question->messages), {}, output);
  if (!request) return output.fail(request.error());
  print_request(*runtime, *request, question->schema, question->options, output);
  return output.finish(0);
}

// "--tool" alone: which tools are there?
int tell_tools(const Options& options, Output& output) {
  const Result<Runtime> runtime = open_unchecked_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  TextRequest none;
  return output.fail(add_tools(*runtime, options, none, output).error());
}

int run_ask(const Options& options, Output& output) {
  if (std::find(options.tools.begin(), options.tools.end(), "") != options.tools.end())
    return tell_tools(options, output);
  if (options.dry_run) return show_request(options, output);
  bool interrupted = false;
  const Result<Reply> reply = ask(options, output, interrupted);
  if (output.closed()) return output.finish(0);
  if (reply) {
    if (!options.json && !options.stream_json) {
      print_notices(output, *reply, options.think);
      if (reply->cached)
        output.say("tachikoma: the answer is of the response cache (--no-cache asks the model)");
    }
    if (options.usage) output.say(usage_line(reply->usage, reply->metrics));
    return 0;
  }
  if (options.stream_json) {
    print_stream_error(reply.error(), output);
    return exit_code(reply.error().code);
  }
  // the user pressed ^C and knows what happened
  if (interrupted && !options.json) return exit_code(ErrorCode::cancelled);
  return output.fail(reply.error());
}

// Every numeric setting that is sent to the server.
void add_sampling(OptionSet& set, GenerationSettings& settings) {
  for_each_generation_setting([&](const char* setting, auto member, const SettingRule& rule) {
    using Kind = std::remove_reference_t<decltype(settings.*member)>;
    constexpr bool kNumber =
        std::is_same_v<Kind, std::optional<std::int64_t>> || std::is_same_v<Kind, std::optional<double>>;
    if constexpr (kNumber) {
      if (rule.is_for_host) return;
      std::string name = std::string("--") + setting;
      std::replace(name.begin(), name.end(), '_', '-');
      set.number(name, settings.*member, rule);
    }
  });
}

}  // namespace

void add_reasoning(OptionSet& set, Options& options) {
  set.choice<Think>(
      "--think", {"hide", "show", "only"}, [&](Think how) { options.think = how; },
      "Reasoning: hide (default), show or only");
  set.choice<ReasoningEffort>(
      "--effort", {"none", "low", "medium", "high"},
      [&](ReasoningEffort effort) { options.settings.reasoning_effort = effort; },
      "How much to reason: none, low, medium or high");
}

void add_generation(OptionSet& set, Options& options) {
  set.flag("--raw", options.raw, "Print the answer as it is written, without rendering its Markdown");
  set.flag("--usage", options.usage, "Print tokens and speed on stderr at the end");
  set.flag("--no-cache", options.no_cache, "Ask the model, whatever is cached, and cache nothing");
  add_sampling(set, options.settings);
  set.texts("--stop", options.settings.stop_sequences, "TEXT", "End before this text; may be repeated");
}

namespace {

void add_ask_options(OptionSet& set, Options& options) {
  add_talking(set, options);
  add_files(set, options);
  set.text("-t,--template", options.prompt_template, "NAME", "A prompt from a file, which TEXT is put into");
  set.flag("-x,--extract", options.extract, "Print only the first code block of the answer");
  set.text("--schema", options.schema, "FILE", "Answer with JSON that fits this JSON Schema");
  set.texts("--tool", options.tools, "[ID]", "Let the model call this tool; may be repeated");
  set.flag("-y,--yes", options.yes, "Run the calls of tools without asking before each");
  add_reasoning(set, options);
  set.flag("--dry-run", options.dry_run, "Print what would be sent, and send nothing");
  set.flag("--stream-json", options.stream_json, "Print one JSON object per line, as it happens");
  add_generation(set, options);
}

}  // namespace

const Verb kAsk{.name = "ask",
                .brief = "Answers one question",
                .usage = "[OPTIONS] [TEXT|-]",
                .summary =
                    "Asks a model one question and prints the answer as it comes.\n"
                    "Text from a pipe is added after TEXT; - reads the whole question from the pipe.",
                .example = R"(  tachikoma ask "Why is the sky blue?"
  git diff | tachikoma ask -m small "Write a commit message for this change"
  tachikoma ask --schema person.json "Who wrote Faust?" | jq .name
)",
                .add_options = add_ask_options,
                .words = Words::any,
                .uses_models = true,
                .run = run_ask};

}  // namespace tachikoma::cli
