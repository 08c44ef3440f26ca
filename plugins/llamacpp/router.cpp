// SPDX-License-Identifier: MIT
#include "llamacpp/router.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/secrets.hpp"
#include "base/try.hpp"
#include "common/chat/model_list.hpp"
#include "common/http/event_stream.hpp"
#include "common/net/local_cancellation.hpp"
#include "common/net/pause.hpp"

namespace tachikoma::llamacpp {
namespace {

using Clock = kit::CallScope::Clock;

constexpr std::chrono::milliseconds kFirstWait{20};
constexpr std::chrono::milliseconds kLongestWait{500};
/// Events may be delayed by a proxy, so the list is also polled without one.
constexpr std::chrono::seconds kLongestSilence{5};
constexpr std::chrono::seconds kTimeToEndLoad{2};

// {"stages": ["text_model", "mmproj"], "current": "text_model", "value": 0.5}: each stage has the same
// weight.
std::optional<double> fraction_of(const Value& progress) {
  if (!progress["value"].is_number()) return std::nullopt;
  const Value& stages = progress["stages"];
  double done = 0;
  for (const Value& stage : stages.elements()) {
    if (stage == progress["current"]) break;
    ++done;
  }
  const double count = std::max<double>(static_cast<double>(stages.elements().size()), 1);
  return std::clamp((done + progress["value"].as_real()) / count, 0.0, 1.0);
}

}  // namespace

/// GET /models/sse.
class RouterChange::Events final : public kit::ResponseHandler {
 public:
  Events(RouterChange& change, Goal goal, LoadSink* sink) : change_(change), goal_(goal), sink_(sink) {}

  // Not earlier: the first event of the load could be missed.
  Flow on_head(const kit::HttpHead& head) override {
    change_.events_offered_ = head.ok();
    if (!head.ok()) return Flow::stop;
    outcome = change_.begin_and_look(goal_, sink_);
    return outcome ? Flow::stop : Flow::proceed;
  }
  Flow on_body(std::string_view bytes) override {
    splitter_.feed(bytes);
    while (const std::optional<kit::StreamEvent> event = splitter_.next()) {
      const Result<Value> told = base::parse_json(event->data);
      if (told && (*told)["model"].as_string() == change_.key_) on_change((*told)["data"]);
      if (outcome) return Flow::stop;
    }
    return Flow::proceed;
  }

  Outcome outcome;

 private:
  void on_change(const Value& data) {
    if (data["status"].as_string() != "loading") {
      outcome = change_.look(goal_, sink_);
      return;
    }
    const std::optional<double> fraction = fraction_of(data["progress"]);
    if (sink_ && fraction && sink_->on_progress(*fraction) == Flow::stop)
      outcome = Error(ErrorCode::cancelled, "cancelled");
  }

  RouterChange& change_;
  const Goal goal_;
  LoadSink* const sink_;
  kit::EventStreamSplitter splitter_;
};

Status RouterChange::load(LoadSink& sink) {
  Status done = reach(Goal::in_memory, &sink);
  if (!done && (done.error().code == ErrorCode::cancelled || context_.cancellation.requested()))
    end_own_load();
  return done;
}

Status RouterChange::unload() { return reach(Goal::unloaded, nullptr); }

Status RouterChange::reach(Goal goal, LoadSink* sink) {
  for (auto wait = kFirstWait;; wait = std::min(wait * 2, kLongestWait)) {
    Outcome outcome = events_offered_ ? listen(goal, sink) : std::nullopt;
    if (!outcome) outcome = begin_and_look(goal, sink);
    if (outcome) return *std::move(outcome);
    if (!kit::pause(wait, context_.cancellation)) return Error(ErrorCode::cancelled, "cancelled");
  }
}

RouterChange::Outcome RouterChange::listen(Goal goal, LoadSink* sink) {
  Events events(*this, goal, sink);
  // how the stream ended does not matter: the list is polled next
  (void)client_.exchange({.path = "/models/sse", .accept = "text/event-stream"}, events,
                         {context_.cancellation, Clock::now() + kLongestSilence});
  return std::move(events.outcome);
}

RouterChange::Outcome RouterChange::begin_and_look(Goal goal, LoadSink* sink) {
  if (!begun_)
    begun_ =
        requests_.post(goal == Goal::in_memory ? "/models/load" : "/models/unload", {context_.cancellation});
  return look(goal, sink);
}

RouterChange::Outcome RouterChange::look(Goal goal, LoadSink* sink) {
  TACHIKOMA_TRY(const Value list, requests_.list({context_.cancellation}));
  TACHIKOMA_TRY(const std::vector<ModelInfo> models,
                kit::read_openai_models(list, client_.url_text() + "/v1/models"));
  const auto model =
      std::find_if(models.begin(), models.end(), [&](const ModelInfo& each) { return each.key == key_; });
  if (model == models.end()) return no_such_model(models);
  return goal == Goal::in_memory ? judge_load(*model, list, *sink) : judge_unload(*model);
}

// A router has each model once: one that is in memory or loading is left as it is.
RouterChange::Outcome RouterChange::judge_load(const ModelInfo& model, const Value& list, LoadSink& sink) {
  const bool there = model.state == ModelState::loaded;
  if (there || model.state == ModelState::loading) {
    if (!*begun_ && !std::exchange(told_of_others_, true)) {
      const char* const how = there ? "was in memory already" : "was being loaded already";
      if (sink.on_notice("'" + key_ + "' " + how + ": the router has each model once") == Flow::stop)
        return Error(ErrorCode::cancelled, "cancelled");
    }
    return there ? Outcome(Done{}) : std::nullopt;
  }
  if (!*begun_) {
    Error error = begun_->error();
    if (error.message.find("model limit reached") == std::string::npos) return error;
    return Error(
        ErrorCode::overloaded,
        router() + " has no room for '" + key_ + "': all models that it may have at once are loading",
        "wait, unload one with: tachikoma unload MODEL, or start the router with a larger --models-max");
  }
  Error error(ErrorCode::protocol, router() + " could not load '" + key_ + "'",
              "its log says why; a damaged file and too little memory are the usual reasons");
  for (const Value& entry : list["data"].elements()) {
    const Value& code = entry["status"]["exit_code"];
    if (entry["id"].as_string() != key_ || !code.is_integer()) continue;
    error.message += ": its llama-server ended with exit code " + base::to_json(code);
    error.detail.set("exit_code", code);
    error.detail.set("command", base::without_argument_secrets(entry["status"]["args"].elements()));
  }
  return error;
}

RouterChange::Outcome RouterChange::judge_unload(const ModelInfo& model) {
  if (model.state != ModelState::not_loaded && model.state != ModelState::failed)
    return *begun_ ? std::nullopt : Outcome(begun_->error());
  if (*begun_) return Done{};
  return Error(ErrorCode::model_not_found, "'" + key_ + "' is not in memory",
               "list those that are: tachikoma ps", Value::object({{"name", key_}}));
}

Error RouterChange::no_such_model(const std::vector<ModelInfo>& models) const {
  return base::not_found(ErrorCode::model_not_found, router() + " has no model '" + key_ + "'", key_,
                         base::texts_of(models, &ModelInfo::key), "list those that it has: tachikoma models");
}

// The router continues a load whose client went away. Who started it is not known while the router has
// not answered: then only a running load is ended, never a model that others may be using.
void RouterChange::end_own_load() {
  if (!begun_ || (!*begun_ && begun_->error().code != ErrorCode::cancelled)) return;
  kit::LocalCancellation never;
  const kit::CallScope scope{never, Clock::now() + kTimeToEndLoad};
  if (!*begun_) {
    const Result<Value> list = requests_.list(scope);
    const auto models =
        list ? kit::read_openai_models(*list, "") : Result<std::vector<ModelInfo>>(list.error());
    if (!models || std::none_of(models->begin(), models->end(), [&](const ModelInfo& each) {
          return each.key == key_ && each.state == ModelState::loading;
        }))
      return;
  }
  (void)requests_.post("/models/unload", scope);  // the call was cancelled: an error has no recipient
}

}  // namespace tachikoma::llamacpp
