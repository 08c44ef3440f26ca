// SPDX-License-Identifier: MIT
#include "openai/completion.hpp"

#include <algorithm>

#include "sdk/model_info.hpp"

namespace lmstudio_sim {

std::string served_name(const Call& call, const std::string& instance) {
  return call.fault && call.fault->kind == FaultKind::wrong_model ? call.fault->served : instance;
}

CompletionHead completion_head(const Call& call, const std::string& prefix, const std::string& instance) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {prefix + "sim" + std::to_string(call.id),
          std::chrono::duration_cast<std::chrono::seconds>(now).count(), served_name(call, instance)};
}

void set_pace(Generation& generation, const Simulator& simulator, const ScriptedReply* scripted) {
  if (simulator.speed > 0)
    generation.delay = std::chrono::microseconds(static_cast<std::int64_t>(1e6 / simulator.speed));
  if (!scripted) return;
  if (scripted->delay_per_token) generation.delay = *scripted->delay_per_token;
  generation.prompt_time = scripted->prompt_time;
}

double seconds_of(std::chrono::steady_clock::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-6);
}

void spoil_counts(Generation& generation, const Simulator& simulator) {
  if (simulator.script.usage.length_one_low && generation.finish == "length" && !generation.pieces.empty())
    generation.uncounted = 1;
}

void log_input(const Call& call, const Served& served, std::string_view prompt) {
  call.simulator.logs.prediction_input(served.instance.id, model_info(*served.model)["path"].as_string(),
                                       prompt);
}

void log_output(const Call& call, const Served& served, const Generation& generation) {
  std::string said;
  for (const Piece& piece : generation.pieces) said += piece.text;
  if (call.outcome == "completed") call.simulator.logs.prediction_output(served.instance.id, said, {});
}

WireError context_error(std::int64_t context_length) {
  return plain_error(
      400, "The number of tokens to keep from the initial prompt is greater than the context length (" +
               std::to_string(context_length) +
               "). Try to load the model with a larger context length, or provide a shorter input");
}

}  // namespace lmstudio_sim
