// SPDX-License-Identifier: MIT
#include "http/json_value.hpp"
#include "model/prompt_template.hpp"
#include "model/reply.hpp"
#include "openai/completion.hpp"
#include "openai/native_request.hpp"
#include "openai/paced_answer.hpp"
#include "openai/routes.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

using Kind = Piece::Kind;
using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string event(const char* type, std::initializer_list<JsonValue::Member> members = {}) {
  JsonValue body = JsonValue::object({{"type", type}});
  for (const auto& [key, value] : members) body.set(key, value);
  return std::string("event: ") + type + "\ndata: " + to_json(body) + "\n\n";
}

// Waits for the model, and reports the progress on a stream. False when the client left.
bool await_load(Call& call, const Served& served, bool stream) {
  const Clock::time_point start = Clock::now();
  const JsonValue::Member id{"model_instance_id", served.instance.id};
  Exchange& exchange = call.exchange;
  if (stream && served.loads && !exchange.write(event("model_load.start", {id}))) return false;
  for (const double progress : {0.5, 1.0}) {
    if (!wait_for_load(call, served.instance, progress)) return false;
    if (stream && served.loads) exchange.write(event("model_load.progress", {id, {"progress", progress}}));
  }
  if (stream && served.loads)
    exchange.write(event("model_load.end", {id, {"load_time_seconds", seconds_since(start)}}));
  return true;
}

// Writes the events in groups: reasoning, then the message.
class Events {
 public:
  std::string piece(const Piece& piece) {
    const bool reasoning = piece.kind == Kind::reasoning;
    std::string text = open_ && reasoning_ == reasoning ? "" : end();
    if (!open_) text += event(reasoning ? "reasoning.start" : "message.start");
    open_ = true;
    reasoning_ = reasoning;
    return text + event(reasoning ? "reasoning.delta" : "message.delta", {{"content", piece.text}});
  }
  std::string end() {
    if (!std::exchange(open_, false)) return {};
    return event(reasoning_ ? "reasoning.end" : "message.end");
  }

 private:
  bool open_ = false, reasoning_ = false;
};

struct ChatRun {
  Served served;
  NativeRequest request;
  Generation generation;
  Clock::time_point start;
  std::optional<double> load_seconds;
  std::string response_id;  ///< empty: not stored
};

JsonValue result_of(const Call& call, const ChatRun& run) {
  JsonValue output = JsonValue::array();
  const Generation& made = run.generation;
  if (made.reasoning_tokens > 0)
    output.push_back(JsonValue::object({{"type", "reasoning"}, {"content", made.text(Kind::reasoning)}}));
  output.push_back(JsonValue::object({{"type", "message"}, {"content", made.text(Kind::content)}}));
  const auto tokens = static_cast<std::int64_t>(made.pieces.size());
  const Clock::time_point first = call.first_token.value_or(Clock::now());
  const double decoding = seconds_of(Clock::now() - first);
  JsonValue stats = JsonValue::object(
      {{"input_tokens", made.prompt_tokens},
       {"total_output_tokens", tokens},
       {"reasoning_output_tokens", made.reasoning_tokens},
       {"tokens_per_second", static_cast<double>(tokens) / decoding},
       {"time_to_first_token_seconds", std::chrono::duration<double>(first - run.start).count()}});
  if (run.load_seconds) stats.set("model_load_time_seconds", *run.load_seconds);
  JsonValue result = JsonValue::object({{"model_instance_id", served_name(call, run.served.instance.id)},
                                        {"output", std::move(output)},
                                        {"stats", std::move(stats)}});
  if (!run.response_id.empty()) result.set("response_id", run.response_id);
  return result;
}

void stream_events(Call& call, const ChatRun& run) {
  Events events;
  StreamFormat format;
  format.piece = [&](const Piece& piece) { return events.piece(piece); };
  format.end = [&] { return events.end() + event("chat.end", {{"result", result_of(call, run)}}); };
  format.error = [&](const JsonValue& body) {
    return events.end() + event("error", {{"error", body["error"]}}) +
           event("chat.end", {{"result", result_of(call, run)}});
  };
  call.exchange.write(event("prompt_processing.start"));
  for (const double progress : {0.5, 1.0})
    call.exchange.write(event("prompt_processing.progress", {{"progress", progress}}));
  call.exchange.write(event("prompt_processing.end"));
  stream_answer(call, run.generation, format);
}

WireError native_not_served(const NotServed& problem, std::string_view version) {
  if (problem.reason == NotServed::Reason::load_failed)
    return native_error(500, "model_load_failed", "", "", problem.message);
  return native_form(not_served(problem, version), 404);
}

// Puts the earlier conversation before the request; an error when it is unknown.
std::optional<WireError> continue_conversation(Call& call, NativeRequest& request) {
  if (request.previous_response_id.empty()) return std::nullopt;
  auto earlier = call.simulator.conversations.find(request.previous_response_id);
  if (!earlier)
    return native_error(400, "invalid_request", "invalid_value", "previous_response_id",
                        "Response \"" + request.previous_response_id + "\" not found");
  for (ChatMessage& message : request.chat.messages) earlier->push_back(std::move(message));
  request.chat.messages = std::move(*earlier);
  return std::nullopt;
}

std::optional<WireError> check_model(const NativeRequest& request, const Served& served) {
  const ModelSpec& model = *served.model;
  if (auto error = check_native_reasoning(model, request.chat.reasoning_effort)) return error;
  if (!model.vision && has_images(request.chat))
    return native_error(400, "invalid_request", "", "", kNoVision);
  const std::int64_t context = request.context_length.value_or(served.instance.context_length);
  if (prompt_tokens(request.chat) > context)
    return native_error(400, "invalid_request", "", "", prompt_too_long(context));
  return std::nullopt;
}

Generation generate(Call& call, const ChatRun& run) {
  const ModelSpec& model = *run.served.model;
  const auto scripted = call.simulator.responses.next_reply(call.facts());
  const ChatRequest& chat = run.request.chat;
  Reply reply = reply_to(chat, model, choose_effort(model, chat.reasoning_effort), scripted.get());
  reply.calls.clear();  // this route has no client tools
  if (reply.dialect != ReasoningDialect::none) reply.dialect = ReasoningDialect::reasoning;
  Generation generation = limit_reply(reply, chat.limits);
  generation.prompt_tokens = prompt_tokens(chat);
  set_pace(generation, call.simulator, scripted.get());
  return generation;
}

void keep(Call& call, const ChatRun& run) {
  if (run.response_id.empty()) return;
  std::vector<ChatMessage> messages = run.request.chat.messages;
  messages.push_back({"assistant", run.generation.text(Kind::content)});
  call.simulator.conversations.keep(run.response_id, std::move(messages));
}

}  // namespace

void native_chat(Call& call) {
  auto read = read_native_request(call.body);
  if (const auto* error = std::get_if<WireError>(&read)) return call.fail(*error);
  ChatRun run{.request = std::get<NativeRequest>(std::move(read)), .start = Clock::now()};
  if (const auto error = continue_conversation(call, run.request)) return call.fail(*error);
  auto found = call.simulator.loaded_models.resolve(call.model, {true, run.request.context_length});
  if (const auto* problem = std::get_if<NotServed>(&found))
    return call.fail(native_not_served(*problem, call.simulator.script.version));
  run.served = std::get<Served>(std::move(found));
  if (const auto error = check_model(run.request, run.served)) return call.fail(*error);
  if (run.request.store) run.response_id = "resp_sim" + std::to_string(call.id);

  const bool stream = run.request.stream;
  const std::string name = served_name(call, run.served.instance.id);
  if (stream && (!call.exchange.begin_stream("text/event-stream") ||
                 !call.exchange.write(event("chat.start", {{"model_instance_id", name}}))))
    return;
  if (!await_load(call, run.served, stream) || !wait_for_slot(call, run.served)) {
    call.outcome = "stopped";
    return;
  }
  if (run.served.loads) run.load_seconds = seconds_since(run.start);
  run.generation = generate(call, run);
  keep(call, run);  // before the client learns the id
  log_input(call, run.served, apply_template(run.request.chat));
  if (stream)
    stream_events(call, run);
  else
    whole_answer(call, run.generation, [&] { return result_of(call, run); });
  log_output(call, run.served, run.generation);
}

}  // namespace lmstudio_sim
