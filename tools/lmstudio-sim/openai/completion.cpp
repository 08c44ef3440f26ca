// SPDX-License-Identifier: MIT
#include "openai/completion.hpp"

#include <chrono>

namespace lmstudio_sim {

std::string served_name(const Call& call, const std::string& instance) {
  return call.fault && call.fault->kind == FaultKind::wrong_model ? call.fault->served : instance;
}

CompletionHead completion_head(const Call& call, const std::string& prefix, const std::string& instance) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {prefix + "sim" + std::to_string(call.id),
          std::chrono::duration_cast<std::chrono::seconds>(now).count(), served_name(call, instance)};
}

void apply_usage_quirks(Generation& generation, const SimulatorState& simulator) {
  if (simulator.script.usage.length_one_low && generation.finish == "length" && !generation.pieces.empty())
    generation.uncounted = 1;
}

JsonValue usage_of(const Generation& generation) {
  const auto completion = static_cast<std::int64_t>(generation.pieces.size()) - generation.uncounted;
  return JsonValue::object({{"prompt_tokens", generation.prompt_tokens},
                            {"completion_tokens", completion},
                            {"total_tokens", generation.prompt_tokens + completion},
                            {"completion_tokens_details",
                             JsonValue::object({{"reasoning_tokens", generation.reasoning_tokens}})}});
}

void log_input(const Call& call, const Served& served, std::string_view prompt) {
  call.simulator.logs.prediction_input(served.instance.id, path_of(*served.model), prompt);
}

void log_output(const Call& call, const Served& served, const Generation& generation) {
  std::string said;
  for (const Piece& piece : generation.pieces) said += piece.text;
  if (call.outcome == "completed") call.simulator.logs.prediction_output(served.instance.id, said, {});
}

}  // namespace lmstudio_sim
