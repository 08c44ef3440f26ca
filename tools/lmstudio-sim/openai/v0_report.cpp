// SPDX-License-Identifier: MIT
#include "openai/v0_report.hpp"

#include "openai/completion.hpp"
#include "world/engine_names.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

using Clock = std::chrono::steady_clock;

namespace {

void add_stats(JsonValue& stats, const Call& call, const Generation& generation) {
  const Clock::time_point now = Clock::now(), first = call.first_token.value_or(now);
  const auto tokens = static_cast<double>(generation.pieces.size());
  stats.set("tokens_per_second", tokens / seconds_of(now - first));
  stats.set("time_to_first_token", seconds_of(first - call.start));
  stats.set("generation_time", seconds_of(now - first));
  stats.set("stop_reason", stop_reason(generation));
}

}  // namespace

void add_v0_report(JsonValue& body, const Call& call, const Served& served, const Generation* generation) {
  if (!call.exchange.path().starts_with("/api/v0/")) return;
  const ModelSpec& model = *served.model;
  const char* format = format_of(model);
  if (generation) {
    JsonValue stats = body["stats"];
    add_stats(stats, call, *generation);
    body.set("stats", std::move(stats));
  }
  body.set("model_info", JsonValue::object({{"arch", model.arch},
                                            {"quant", model.quantization},
                                            {"format", format},
                                            {"context_length", served.instance.context_length}}));
  body.set("runtime", JsonValue::object({{"name", model.mlx ? kMlxEngine : kLlamaEngine},
                                         {"version", kEngineVersion},
                                         {"supported_formats", JsonValue::array({format})}}));
}

}  // namespace lmstudio_sim
