// SPDX-License-Identifier: MIT
#include "sdk/prediction.hpp"

#include <algorithm>

#include "model/reply.hpp"
#include "sdk/kv_config.hpp"
#include "sdk/model_info.hpp"
#include "sdk/prediction_wire.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

using Clock = std::chrono::steady_clock;

namespace {

// One prediction on a loaded model.
class Prediction {
 public:
  Prediction(SdkChannel& channel, PredictionRequest request, Served served)
      : channel_(channel),
        simulator_(channel.simulator()),
        request_(std::move(request)),
        served_(std::move(served)),
        use_(simulator_.loaded_models, served_.instance.reference, Work::queued) {}

  void run();

 private:
  std::optional<SdkError> refusal() const;
  RequestFacts facts() const;
  void generate();
  bool process_prompt();
  bool make_tokens();
  bool send_all(const PredictionWire::Messages& messages);
  bool progress(double done);
  void limit_to_context();
  std::string_view stop_reason() const;
  JsonValue stats() const;
  void finish();

  SdkChannel& channel_;
  SimulatorState& simulator_;
  PredictionRequest request_;
  const Served served_;
  LoadedModels::InstanceUse use_;
  ConcurrencySlot slot_;
  Generation generation_;
  bool context_limits_ = false;  // the context limits the answer, not the request
  std::size_t made_ = 0;         // tokens
  Clock::time_point start_ = Clock::now(), first_token_ = start_;
};

std::optional<SdkError> Prediction::refusal() const {
  const ChatRequest& chat = request_.chat;
  if (has_images(chat) && !served_.model->vision) return SdkError{.title = std::string(kNoVision)};
  if (generation_.prompt_tokens > served_.instance.context_length)
    return SdkError{.title = prompt_too_long(served_.instance.context_length)};
  if (chat.draft_model.empty()) return std::nullopt;
  auto draft = find_model(simulator_, channel_.space(), chat.draft_model);
  const auto* error = std::get_if<SdkError>(&draft);
  return error ? std::optional(*error) : std::nullopt;
}

// With this policy, the answer ends at the end of the context.
void Prediction::limit_to_context() {
  if (request_.config.get("contextOverflowPolicy").as_string() != "stopAtLimit") return;
  std::optional<std::int64_t>& limit = request_.chat.limits.max_tokens;
  const std::int64_t room = served_.instance.context_length - generation_.prompt_tokens;
  context_limits_ = !limit || room < *limit;
  if (context_limits_) limit = room;
}

RequestFacts Prediction::facts() const {
  const bool raw = is_raw_prediction(channel_.parameter());
  RequestFacts facts{.route = raw ? "/llm/completeRawText" : "/llm/predict",
                     .model = served_.instance.id,
                     .text = {},
                     .stream = true};
  for (const ChatMessage& message : request_.chat.messages) {
    if (message.role == "user") facts.text = message.text, facts.tool_results = 0;
    if (message.role == "tool") ++facts.tool_results;
  }
  return facts;
}

void Prediction::generate() {
  const ChatRequest& chat = request_.chat;
  const auto scripted = simulator_.responses.next_reply(facts());
  const Effort effort = choose_effort(*served_.model, chat.reasoning_effort);
  if (!effort.note.empty()) simulator_.journal.note(channel_.id(), effort.note);
  Reply reply = reply_to(chat, *served_.model, effort, scripted.get());
  if (request_.raw) reply.calls.clear();
  // all dialects are parsed here; their marks are sent as fragments of their own
  const ReasoningDialect dialect = reply.dialect;
  if (dialect != ReasoningDialect::none) reply.dialect = ReasoningDialect::reasoning;
  const std::int64_t prompt_tokens = generation_.prompt_tokens;
  generation_ = limit_reply(reply, chat.limits);
  generation_.dialect = dialect;
  generation_.prompt_tokens = prompt_tokens;
  number_calls(generation_, channel_.id());
  set_pace(generation_, simulator_, scripted.get());
}

bool Prediction::progress(double done) {
  const std::int64_t total = generation_.prompt_tokens;
  const auto processed = static_cast<std::int64_t>(static_cast<double>(total) * done);
  JsonValue message = JsonValue::object({{"type", "promptProcessingProgress"}, {"progress", done}});
  if (simulator_.script.websocket.prompt_details)
    message.set("details", JsonValue::object({{"cachedTokenCount", 0},
                                              {"totalPromptTokenCount", total},
                                              {"processedPromptTokenCount", processed},
                                              {"unprocessedPromptTokenCount", total - processed}}));
  return channel_.send(message);
}

bool Prediction::process_prompt() {
  use_.become(Work::prompt);
  for (const double done : {0.0, 0.5}) {
    if (!progress(done) || !channel_.wait(generation_.prompt_time / 2)) return false;
  }
  return progress(1);
}

bool Prediction::send_all(const PredictionWire::Messages& messages) {
  return std::ranges::all_of(messages, [&](const JsonValue& message) { return channel_.send(message); });
}

// False when the client ended it or the model was unloaded.
bool Prediction::make_tokens() {
  const bool parsed = request_.config.get("reasoning.parsing")["enabled"].as_bool();
  PredictionWire wire(generation_, parsed);
  const auto waiter = [&](std::chrono::microseconds time) { return channel_.wait(time); };
  for (const Piece& piece : generation_.pieces) {
    const auto part = made_ == 0 ? LoadedModels::Part::first_token : LoadedModels::Part::later_token;
    if (!use_.wait(part, generation_.delay, waiter)) return false;
    if (!simulator_.loaded_models.find(served_.instance.reference)) {
      channel_.fail({.title = std::string(kUnloaded)});
      return false;
    }
    if (made_ == 0) {
      first_token_ = Clock::now();
      use_.become(Work::generating);
    }
    if (!send_all(wire.piece(piece))) return false;
    simulator_.journal.tokens(channel_.id(), static_cast<std::int64_t>(++made_));
  }
  return send_all(wire.end());
}

std::string_view Prediction::stop_reason() const {
  if (channel_.stopped()) return "userStopped";
  if (generation_.finish == "length" && context_limits_) return "contextLengthReached";
  return lmstudio_sim::stop_reason(generation_);
}

JsonValue Prediction::stats() const {
  const Clock::time_point now = Clock::now();
  const auto tokens = static_cast<std::int64_t>(made_);
  JsonValue stats = JsonValue::object({{"stopReason", stop_reason()},
                                       {"numGpuLayers", -1},
                                       {"totalTimeSec", seconds_of(now - start_)},
                                       {"promptTokensCount", generation_.prompt_tokens},
                                       {"predictedTokensCount", tokens},
                                       {"totalTokensCount", generation_.prompt_tokens + tokens}});
  if (made_ > 0) {
    stats.set("tokensPerSecond", static_cast<double>(tokens) / seconds_of(now - first_token_));
    stats.set("timeToFirstTokenSec", seconds_of(first_token_ - start_));
  }
  if (stop_reason() == "stopStringFound") stats.set("stopString", generation_.stop_string);
  if (!request_.chat.draft_model.empty()) {
    stats.set("usedDraftModelKey", request_.chat.draft_model);
    const DraftCounts draft = draft_counts(tokens);
    stats.set("totalDraftTokensCount", draft.total);
    stats.set("acceptedDraftTokensCount", draft.accepted);
    stats.set("rejectedDraftTokensCount", draft.rejected);
    stats.set("ignoredDraftTokensCount", 0);
  }
  return stats;
}

void Prediction::finish() {
  std::string said;
  for (std::size_t i = 0; i < made_; ++i) said += generation_.pieces[i].text;
  const JsonValue numbers = stats();
  simulator_.logs.prediction_output(served_.instance.id, said, numbers);
  channel_.send(JsonValue::object({{"type", "success"},
                                   {"stats", numbers},
                                   {"modelInfo", instance_info(*served_.model, served_.instance)},
                                   {"loadModelConfig", kv_config(served_.instance.settings)},
                                   {"predictionConfig", request_.config.fields()}}));
}

void Prediction::run() {
  generation_.prompt_tokens = prompt_tokens(request_);
  if (const auto error = refusal()) return channel_.fail(*error);
  limit_to_context();
  const auto wait = [&](int descriptor) { return channel_.wait_readable(descriptor); };
  if (wait_for_slot(simulator_, *served_.model, slot_, wait)) {
    simulator_.journal.generates(channel_.id());
    generate();
    simulator_.logs.prediction_input(served_.instance.id, path_of(*served_.model), prompt_text(request_));
    if (process_prompt() && make_tokens()) return finish();
  }
  if (channel_.stopped()) finish();
}

bool run_prediction(SdkChannel& channel) {
  const JsonValue& parameter = channel.parameter();
  SimulatorState& simulator = channel.simulator();
  auto request = read_prediction(parameter, simulator.uploads);
  auto found = find_loaded(simulator, channel.space(), parameter["modelSpecifier"]);
  if (const auto* error = std::get_if<SdkError>(&found))
    channel.fail(*error);
  else if (const auto* unreadable = std::get_if<SdkError>(&request))
    channel.fail(*unreadable);
  else
    Prediction(channel, std::get<PredictionRequest>(std::move(request)), std::get<Served>(std::move(found)))
        .run();
  return true;
}

}  // namespace

bool predict(SdkChannel& channel) { return is_prediction(channel.parameter()) && run_prediction(channel); }

bool complete_raw_text(SdkChannel& channel) {
  return is_raw_prediction(channel.parameter()) && run_prediction(channel);
}

}  // namespace lmstudio_sim
