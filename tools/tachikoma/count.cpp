// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include "base/sourced_json.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "session.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

Result<Sourced<std::int64_t>> count_tokens(Runtime& runtime, const Options& options,
                                           std::vector<Message> messages, std::stop_token stop) {
  if (options.plain) return runtime.count_tokens(options.model, messages.back().text, std::move(stop));
  return runtime.count_tokens(
      {.model = options.model, .messages = std::move(messages), .stop = std::move(stop)});
}

int run_count(const Options& options, Output& output) {
  Result<std::vector<Message>> messages = build_messages(options, output);
  if (!messages) return output.fail(messages.error());
  if (options.plain && messages->size() + messages->back().images.size() > 1)
    return output.fail({ErrorCode::invalid_argument,
                        "--plain counts a text alone: no system prompt, no image",
                        "leave --plain out, or the others"});
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<Sourced<std::int64_t>> tokens =
      count_tokens(*runtime, options, *std::move(messages), stop.token());
  if (!tokens) return fail(tokens.error(), stop, options, output);
  if (options.json) {
    output.print_json("count", Value::object({{"tokens", sourced_value(*tokens, "tokens")}}));
  } else {
    output.print(std::to_string(tokens->value) + "\n");
  }
  return output.finish(0);
}

void add_count_options(OptionSet& set, Options& options) {
  add_talking(set, options);
  add_files(set, options);
  set.flag("--plain", options.plain, "Count the text alone, without the model's template");
}

}  // namespace

const Verb kCount{.name = "count",
                  .brief = "Counts the tokens of a prompt",
                  .usage = "[OPTIONS] [TEXT|-]",
                  .summary =
                      "Counts the tokens of a question, as the server counts them: with the system\n"
                      "prompt and the model's template.",
                  .example = R"(  tachikoma count -m small -f report.txt "Summarize this"
)",
                  .add_options = add_count_options,
                  .words = Words::any,
                  .run = run_count};

}  // namespace tachikoma::cli
