// SPDX-License-Identifier: MIT
#include "openai/paced_answer.hpp"

#include "http/json_value.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::string_view kBrokenChunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\n\n";

bool fault_is_due(const Call& call, const Generation& generation, std::size_t sent) {
  if (!call.fault || !call.fault->after_tokens) return false;
  const auto size = static_cast<std::int64_t>(generation.pieces.size());
  return static_cast<std::int64_t>(sent) == std::min(*call.fault->after_tokens, size);
}

void stall(Call& call) {
  call.exchange.wire().wait_for_end();
  call.outcome = "stopped";
}

JsonValue error_body(const Fault& fault) {
  if (fault.body.is_string()) return JsonValue::object({{"error", fault.body}});
  if (!fault.body.is_null()) return fault.body;
  return JsonValue::object(
      {{"error", JsonValue::object({{"message", "The model has crashed without additional information."}})}});
}

void write_error(Call& call, const StreamFormat& format, const JsonValue& body, bool named) {
  if (format.error)
    call.exchange.write(format.error(body));
  else
    call.exchange.write((named ? "event: error\n" : "") + data_frame(to_json(body)));
}

// True when the stream continues after the fault.
bool apply_to_stream(Call& call, const StreamFormat& format) {
  const Fault& fault = *call.fault;
  if (fault.kind == FaultKind::stall) {
    stall(call);
    return false;
  }
  call.outcome = "fault";
  if (fault.kind == FaultKind::garbage) return call.exchange.write(kBrokenChunk);
  if (fault.kind == FaultKind::reset) call.exchange.wire().reset();
  if (fault.kind == FaultKind::close) call.exchange.wire().close();
  const bool named = fault.kind == FaultKind::error_event;
  if (!named && fault.kind != FaultKind::error) return false;
  write_error(call, format, error_body(fault), named);
  return false;
}

void apply_to_body(Call& call, const JsonValue& body) {
  const Fault& fault = *call.fault;
  if (fault.kind == FaultKind::stall) return stall(call);
  call.outcome = "fault";
  const std::string text = to_json(body, 2);
  if (fault.kind == FaultKind::reset)
    call.exchange.wire().reset();
  else if (fault.kind == FaultKind::close)
    call.exchange.send_truncated(std::string_view(text).substr(0, text.size() / 2), text.size());
  else if (fault.kind == FaultKind::garbage)
    call.exchange.send(200, "application/json; charset=utf-8", text.substr(0, text.size() / 2));
  else
    call.exchange.send_json(400, error_body(fault));
}

// Waits as long as a token takes; false when the client leaves or the model is unloaded meanwhile.
bool make_token(Call& call, const Generation& generation, std::size_t index) {
  const auto prompt_time = index == 0 ? generation.prompt_time : std::chrono::microseconds(0);
  const auto part = index == 0 ? LoadedModels::Part::first_token : LoadedModels::Part::later_token;
  if (!call.use.wait(part, prompt_time + generation.delay, call.waiter()) || !call.use.is_loaded())
    return false;
  if (index == 0) {
    call.first_token = std::chrono::steady_clock::now();
    call.use.become(Work::generating);
  }
  call.simulator.journal.tokens(call.id, static_cast<std::int64_t>(index + 1));
  return true;
}

WireError unloaded(const Call& call) {
  if (call.exchange.path().starts_with("/api/v1/")) return native_error(500, "unknown", "", "", kUnloaded);
  return plain_error(400, kUnloaded);
}

}  // namespace

std::string data_frame(std::string_view json) {
  std::string frame = "data: ";
  frame += json;
  return frame += "\n\n";
}

void stream_answer(Call& call, const Generation& generation, const StreamFormat& format) {
  call.simulator.journal.generates(call.id);
  if (!call.exchange.streaming() && !call.exchange.begin_stream("text/event-stream")) return;
  for (std::size_t sent = 0;; ++sent) {
    if (fault_is_due(call, generation, sent) && !apply_to_stream(call, format)) return;
    if (sent == generation.pieces.size()) break;
    if (make_token(call, generation, sent) && call.exchange.write(format.piece(generation.pieces[sent])))
      continue;
    call.outcome = "stopped";
    if (!call.use.is_loaded()) write_error(call, format, JsonValue::object({{"error", kUnloaded}}), false);
    return;
  }
  call.exchange.write(format.end());
}

void whole_answer(Call& call, const Generation& generation, const std::function<JsonValue()>& body) {
  call.simulator.journal.generates(call.id);
  for (std::size_t made = 0;; ++made) {
    if (fault_is_due(call, generation, made)) return apply_to_body(call, body());
    if (made == generation.pieces.size()) break;
    if (make_token(call, generation, made)) continue;
    call.outcome = "stopped";
    if (!call.use.is_loaded()) call.fail(unloaded(call));
    return;
  }
  call.exchange.send_json(200, body());
}

}  // namespace lmstudio_sim
