// SPDX-License-Identifier: MIT
#include "completion.hpp"

namespace lmstudio_sim {

std::string served_name(const Call& call, const std::string& instance) {
  return call.fault && call.fault->kind == FaultKind::wrong_model ? call.fault->served : instance;
}

CompletionHead completion_head(const Call& call, const std::string& prefix, const std::string& instance) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {prefix + "sim" + std::to_string(call.id),
          std::chrono::duration_cast<std::chrono::seconds>(now).count(), served_name(call, instance)};
}

std::chrono::microseconds token_delay(const Call& call, const ScriptedReply* scripted) {
  if (scripted && scripted->delay_per_token) return *scripted->delay_per_token;
  const double speed = call.simulator.speed;
  return std::chrono::microseconds(speed > 0 ? static_cast<std::int64_t>(1e6 / speed) : 0);
}

WireError context_error(std::int64_t context_length) {
  return plain_error(
      400, "The number of tokens to keep from the initial prompt is greater than the context length (" +
               std::to_string(context_length) +
               "). Try to load the model with a larger context length, or provide a shorter input");
}

}  // namespace lmstudio_sim
