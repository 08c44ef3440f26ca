// SPDX-License-Identifier: MIT
#include "ask.hpp"

#include <utility>

#include "answer.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "prompt.hpp"
#include "session.hpp"
#include "stream_json.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

TextRequest make_request(const Options& options, std::string prompt, std::stop_token stop) {
  TextRequest request{.model = options.model, .settings = options.settings, .stop = std::move(stop)};
  if (!options.system.empty()) request.messages.push_back(system_prompt(options.system));
  request.messages.push_back(user(std::move(prompt)));
  return request;
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
  Result<std::string> prompt = build_prompt(options, output);
  if (!prompt) return std::move(prompt).error();
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  Result<Reply> reply = [&]() -> Result<Reply> {
    Result<Runtime> runtime = open_runtime(options);
    if (!runtime) return std::move(runtime).error();
    return answer(*runtime, make_request(options, *std::move(prompt), stop.token()), options, output);
  }();
  interrupted = stop.interrupted();
  return reply;
}

}  // namespace

int run_ask(const Options& options, Output& output) {
  bool interrupted = false;
  const Result<Reply> reply = ask(options, output, interrupted);
  if (output.closed()) return output.finish(0);
  if (reply) {
    if (!options.json && !options.stream_json) say_notices(output, *reply, options.think);
    if (options.usage) output.say(usage_line(reply->usage, reply->metrics));
    return 0;
  }
  if (options.stream_json) {
    print_stream_error(reply.error(), output);
    return exit_code(reply.error().code);
  }
  // whoever pressed ^C knows what happened
  if (interrupted && !options.json) return exit_code(ErrorCode::cancelled);
  return output.fail(reply.error());
}

}  // namespace tachikoma::cli
