// SPDX-License-Identifier: MIT
#include "ask.hpp"

#include <utility>

#include "answer.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "prompt.hpp"
#include "read_text.hpp"
#include "session.hpp"
#include "stream_json.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

Result<Value> read_schema(const std::string& path) {
  const Result<std::string> text = read_text(path);
  if (!text) return text.error();
  Result<Value> schema = parse_json(*text);
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
                      .stop = std::move(stop)};
  for (const std::string& id : options.tools) {
    Result<std::shared_ptr<Tool>> tool = runtime.tool(id);
    if (!tool) return std::move(tool).error();
    request.tools.add(*std::move(tool));
  }
  return request;
}

// An answer by a schema: the object alone, or with --json in the reply.
Result<Reply> answer_with_object(Runtime& runtime, TextRequest request, const Value& schema,
                                 const Options& options, Output& output) {
  if (options.stream_json) return stream_object_json(runtime, std::move(request), schema, output);
  Result<ObjectReply<Value>> answered = runtime.generate_object(std::move(request), schema);
  if (!answered) return std::move(answered).error();
  if (options.json) {
    Value data = to_value(answered->reply);
    data.set("object", std::move(answered->object));
    output.print_json("reply", std::move(data));
  } else {
    output.print_foreign(to_json(answered->object) + "\n");
  }
  return std::move(answered->reply);
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
    Result<Value> read = read_schema(options.schema);
    if (!read) return std::move(read).error();
    schema = *std::move(read);
  }
  Result<std::vector<Message>> messages = build_messages(options, output);
  if (!messages) return std::move(messages).error();
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  Result<Reply> reply = [&]() -> Result<Reply> {
    Result<Runtime> runtime = open_runtime(options);
    if (!runtime) return std::move(runtime).error();
    Result<TextRequest> request = make_request(*runtime, options, *std::move(messages), stop.token());
    if (!request) return std::move(request).error();
    if (options.schema.empty()) return answer(*runtime, *std::move(request), options, output);
    return answer_with_object(*runtime, *std::move(request), schema, options, output);
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
    if (!options.json && !options.stream_json) print_notices(output, *reply, options.think);
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

}  // namespace tachikoma::cli
