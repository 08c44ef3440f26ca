// SPDX-License-Identifier: MIT
#include "model/simulator_state.hpp"

#include <chrono>

namespace lmstudio_sim {

SimulatorState::SimulatorState(Script s, double tokens_per_second)
    : script(std::move(s)),
      library(script),
      loaded_models(script, library),
      responses(script.rules),
      clients(script),
      speed(tokens_per_second) {
  for (const ModelSpec& model : script.models)
    if (model.parallel) slots_.emplace(model.key, *model.parallel);
}

ConcurrencySlots* SimulatorState::slots_of(const ModelSpec& model) {
  const auto found = slots_.find(model.key);
  return found == slots_.end() ? nullptr : &found->second;
}

bool wait_for_slot(SimulatorState& simulator, const ModelSpec& model, ConcurrencySlot& slot,
                   const std::function<bool(int)>& wait_readable) {
  ConcurrencySlots* slots = simulator.slots_of(model);
  if (!slots) return true;
  const Journal::Queued queued(simulator.journal);
  while (!slots->try_acquire())
    if (!wait_readable(slots->descriptor())) return false;
  slot = ConcurrencySlot(slots);
  return true;
}

void set_pace(Generation& generation, const SimulatorState& simulator, const ScriptedReply* scripted) {
  if (simulator.speed > 0)
    generation.delay = std::chrono::microseconds(static_cast<std::int64_t>(1e6 / simulator.speed));
  if (!scripted) return;
  if (scripted->delay_per_token) generation.delay = *scripted->delay_per_token;
  generation.prompt_time = scripted->prompt_time;
}

}  // namespace lmstudio_sim
