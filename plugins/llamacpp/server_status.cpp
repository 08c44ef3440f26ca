// SPDX-License-Identifier: MIT
#include "llamacpp/server_status.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "common/errors/server_error.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr char kSlots[] = "llama.cpp /slots";
constexpr char kMetrics[] = "llama.cpp /metrics";
constexpr char kProps[] = "llama.cpp /props";

// The number in the line "llamacpp:NAME 12.5".
std::optional<double> metric(std::string_view text, std::string_view name) {
  const std::string line = "\nllamacpp:" + std::string(name) + " ";
  const std::size_t at = text.find(line);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + line.size());
  double number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

// The average of all requests so far, from the counters: the gauges of newer builds start again whenever
// anybody reads them.
Sourced<double> average_speed(std::string_view metrics, std::string_view tokens, std::string_view seconds) {
  const std::optional<double> count = metric(metrics, tokens), time = metric(metrics, seconds);
  if (!count || !time) return base::unknown<double>("llama.cpp's /metrics do not say it");
  if (*count <= 0 || *time <= 0) return base::unknown<double>("no request has been measured yet");
  return {*count / *time, Source::reported, "llama.cpp /metrics: the average of its requests so far"};
}

// A reply's text, or why there is none.
Result<std::string> body_of(kit::HttpClient& client, const std::string& path, const std::string& query,
                            const kit::CallScope& scope) {
  TACHIKOMA_TRY(kit::Document reply, kit::fetch(client, {.path = path + query}, scope));
  if (reply.ok()) return std::move(reply.body);
  const Result<Value> json = base::parse_json(reply.body);
  const auto fault = json ? kit::find_fault(*json) : std::nullopt;
  return Error(ErrorCode::unsupported, "llama.cpp's " + path + " says: " +
                                           (fault ? '"' + base::excerpt(fault->message) + '"'
                                                  : "HTTP status " + std::to_string(reply.status)));
}

}  // namespace

void ask_server(kit::HttpClient& client, const std::string& query, Sleeper sleeper,
                const kit::CallScope& scope, ModelStatus& status) {
  const Result<std::string> props = body_of(client, "/props", query, scope);
  if (!props) status.context_length.basis = props.error().message;
  if (const Result<Value> read = base::parse_json(props ? *props : "")) read_props(*read, status);
  // of these requests, only /slots wakes it
  if (!status.extra["sleeping"].as_bool() || sleeper == Sleeper::wake) {
    const Result<std::string> slots = body_of(client, "/slots", query, scope);
    if (!slots) status.activity.basis = slots.error().message;
    if (const Result<Value> read = base::parse_json(slots ? *slots : "")) read_slots(*read, status);
  }
  const Result<std::string> metrics = body_of(client, "/metrics", query, scope);
  if (metrics)
    read_metrics(*metrics, status);
  else
    status.queued.basis = metrics.error().message;
}

void read_slots(const Value& slots, ModelStatus& status) {
  if (!slots.is_array()) return;
  std::int64_t busy = 0;
  for (const Value& slot : slots.elements()) busy += slot["is_processing"].as_bool() ? 1 : 0;
  status.activity = {busy > 0 ? Activity::generating : Activity::idle, Source::reported, kSlots};
  status.extra.set("slots", static_cast<std::int64_t>(slots.elements().size()));
  status.extra.set("busy_slots", busy);
}

void read_metrics(std::string_view metrics, ModelStatus& status) {
  if (const auto waiting = metric(metrics, "requests_deferred"))
    status.queued = {static_cast<std::int64_t>(*waiting), Source::reported, kMetrics};
  status.prompt_tokens_per_second = average_speed(metrics, "prompt_tokens_total", "prompt_seconds_total");
  status.tokens_per_second =
      average_speed(metrics, "tokens_predicted_total", "tokens_predicted_seconds_total");
}

void read_props(const Value& props, ModelStatus& status) {
  const Value& context = props["default_generation_settings"]["n_ctx"];
  if (context.as_integer(-1) >= 0 && !status.context_length)
    status.context_length = {context.as_integer(), Source::reported, kProps};
  if (const Value& slots = props["total_slots"]; slots.is_integer())
    status.config.parallel = slots.as_integer();
  if (props["is_sleeping"].as_bool()) {
    status.activity = {Activity::idle, Source::reported, std::string(kProps) + ": it sleeps"};
    status.extra.set("sleeping", true);
  }
  if (const Value& path = props["model_path"]; path.is_string()) status.extra.set("path", path);
  if (const Value& build = props["build_info"]; build.is_string()) status.extra.set("build", build);
}

}  // namespace tachikoma::llamacpp
