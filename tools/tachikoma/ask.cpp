// SPDX-License-Identifier: MIT
#include "ask.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "answer.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "read_text.hpp"
#include "session.hpp"
#include "stream_json.hpp"
#include "verbs.hpp"

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
                                 std::stop_token stop) {
  TextRequest request{.model = options.model,
                      .messages = std::move(messages),
                      .settings = options.settings,
                      .cache = options.no_cache ? CacheUse::bypass : CacheUse::use,
                      .stop = std::move(stop)};
  for (const std::string& id : options.tools) {
    TACHIKOMA_TRY(std::shared_ptr<Tool> tool, runtime.tool(id));
    request.tools.add(std::move(tool));
  }
  return request;
}

// An answer by a schema: the object alone, or with --json in the reply.
Result<Reply> answer_with_object(Runtime& runtime, TextRequest request, const Value& schema,
                                 const Options& options, Output& output) {
  if (options.stream_json) return stream_object_json(runtime, std::move(request), schema, output);
  TACHIKOMA_TRY(ObjectReply<Value> answered, runtime.generate_object(std::move(request), schema));
  if (options.json) {
    Value data = to_value(answered.reply);
    data.set("object", std::move(answered.object));
    output.print_json("reply", std::move(data));
  } else {
    output.print_foreign(to_json(answered.object) + "\n");
  }
  return std::move(answered.reply);
}

// Ends with the answer on stdout: as it comes, as one object, or as one object a line.
Result<Reply> answer(Runtime& runtime, TextRequest request, const Options& options, Output& output) {
  if (options.stream_json) return stream_json(runtime, std::move(request), output);
  if (options.json) {
    Result<Reply> reply = runtime.generate_text(std::move(request));
    if (reply) output.print_json("reply", to_value(*reply));
    return reply;
  }
  AnswerPrinter printer(output, options.think);
  Result<Reply> reply =
      runtime.stream_text(std::move(request), [&](const Delta& delta) { return printer.print(delta); });
  printer.finish();
  return reply;
}

Result<Reply> ask(const Options& options, Output& output, bool& interrupted) {
  Value schema;
  if (!options.schema.empty()) {
    TACHIKOMA_TRY(schema, read_schema(options.schema));
  }
  TACHIKOMA_TRY(std::vector<Message> messages, build_messages(options, output));
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  Result<Reply> reply = [&]() -> Result<Reply> {
    TACHIKOMA_TRY(Runtime runtime, open_runtime(options));
    TACHIKOMA_TRY(TextRequest request, make_request(runtime, options, std::move(messages), stop.token()));
    if (options.schema.empty()) return answer(runtime, std::move(request), options, output);
    return answer_with_object(runtime, std::move(request), schema, options, output);
  }();
  interrupted = stop.interrupted();
  return reply;
}

int run_ask(const Options& options, Output& output) {
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

void add_tools_and_reasoning(OptionSet& set, Options& options) {
  set.texts("--tool", options.tools, "ID", "Let the model call this tool; may be repeated");
  set.choice<Think>(
      "--think", {"hide", "show", "only"}, [&](Think how) { options.think = how; },
      "Reasoning: hide (default), show or only");
  set.choice<ReasoningEffort>(
      "--effort", {"none", "low", "medium", "high"},
      [&](ReasoningEffort effort) { options.settings.reasoning_effort = effort; },
      "How much to reason: none, low, medium or high");
}

void add_generation(OptionSet& set, Options& options) {
  set.flag("--usage", options.usage, "Print tokens and speed on stderr at the end");
  set.flag("--no-cache", options.no_cache, "Ask the model, whatever is cached, and cache nothing");
  add_sampling(set, options.settings);
  set.texts("--stop", options.settings.stop_sequences, "TEXT", "End before this text; may be repeated");
}

namespace {

void add_ask_options(OptionSet& set, Options& options) {
  add_talking(set, options);
  add_files(set, options);
  set.text("--schema", options.schema, "FILE", "Answer with JSON that fits this JSON Schema");
  add_tools_and_reasoning(set, options);
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
