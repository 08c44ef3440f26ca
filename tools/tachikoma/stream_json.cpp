// SPDX-License-Identifier: MIT
#include "stream_json.hpp"

#include <string>
#include <utility>

#include "base/lists.hpp"
#include "base/sourced_json.hpp"
#include "base/try.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

void print_line(Output& output, const Value& line) { output.print(to_json(line) + "\n"); }

Value line_of(const Delta& delta) {
  Value line = Value::object({{"type", to_string(delta.kind)}, {"channel", to_string(delta.channel)}});
  switch (delta.kind) {
    case Delta::Kind::text:
    case Delta::Kind::reasoning: line.set("text", delta.content); break;
    case Delta::Kind::tool_call:
      if (delta.call)
        line.set("call", Value::object({{"id", delta.call->id},
                                        {"name", delta.call->name},
                                        {"arguments", delta.call->arguments}}));
      break;
    case Delta::Kind::tool_result:
      if (delta.call) line.set("call", Value::object({{"id", delta.call->id}, {"name", delta.call->name}}));
      line.set("text", delta.content);
      break;
    case Delta::Kind::progress:
      line = Value::object({{"type", "progress"}, {"of", delta.content}, {"fraction", delta.fraction}});
      if (delta.waiting) {
        line.set("ahead", static_cast<std::int64_t>(delta.waiting->ahead));
        line.set("waits_for", delta.waiting->waits_for);
        line.set("remaining", sourced_value(delta.waiting->remaining));
      }
      break;
    case Delta::Kind::usage:
      line = Value::object({{"type", "usage"}, {"usage", to_value(delta.usage)}});
      break;
    case Delta::Kind::channel_start:
    case Delta::Kind::rechannel:
    case Delta::Kind::end: break;
  }
  return line;
}

// From the whole reply, because the last delta does not know the model that answered.
Value end_line(const Reply& reply) {
  return Value::object({{"type", "end"},
                        {"provider", reply.provider},
                        {"model", reply.model},
                        {"finish", to_string(reply.finish)},
                        {"cached", reply.cached},
                        {"usage", to_value(reply.usage)},
                        {"metrics", to_value(reply.metrics)},
                        {"notices", base::array_of(reply.notices)}});
}

Status print_start(Runtime& runtime, const TextRequest& request, Output& output) {
  TACHIKOMA_TRY(const ResolvedModel model, runtime.models().resolve(request.model, request.stop));
  print_line(
      output,
      Value::object(
          {{"type", "start"}, {"schema_version", 1}, {"provider", model.provider}, {"model", model.name}}));
  return Done{};
}

}  // namespace

Result<Reply> stream_json(Runtime& runtime, TextRequest request, Output& output) {
  TACHIKOMA_TRY_STATUS(print_start(runtime, request, output));
  Result<Reply> reply = runtime.stream_text(std::move(request), [&](const Delta& delta) {
    if (delta.kind != Delta::Kind::end) print_line(output, line_of(delta));
    return output.closed() ? Flow::stop : Flow::proceed;
  });
  if (reply) print_line(output, end_line(*reply));
  return reply;
}

Result<Reply> stream_object_json(Runtime& runtime, TextRequest request, const Value& schema, Output& output) {
  TACHIKOMA_TRY_STATUS(print_start(runtime, request, output));
  Result<ObjectReply<Value>> answered =
      runtime.stream_object(std::move(request), schema, [&](const Value& partial) {
        print_line(output, Value::object({{"type", "partial"}, {"object", partial}}));
        return output.closed() ? Flow::stop : Flow::proceed;
      });
  if (!answered) return std::move(answered).error();
  Value end = end_line(answered->reply);
  end.set("object", std::move(answered->object));
  print_line(output, end);
  return std::move(answered->reply);
}

void print_stream_error(const Error& error, Output& output) {
  print_line(output, Value::object({{"type", "error"}, {"error", error_value(error)}}));
}

}  // namespace tachikoma::cli
