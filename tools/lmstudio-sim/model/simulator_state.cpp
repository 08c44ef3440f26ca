// SPDX-License-Identifier: MIT
#include "model/simulator_state.hpp"

#include <chrono>

namespace lmstudio_sim {

Simulator::Simulator(Script s, double tokens_per_second)
    : script(std::move(s)),
      library(script),
      world(script, library),
      responses(script.rules),
      clients(script),
      speed(tokens_per_second) {
  for (const ModelSpec& model : script.models)
    if (model.parallel) seats_.emplace(model.key, *model.parallel);
}

Seats* Simulator::seats_of(const ModelSpec& model) {
  const auto found = seats_.find(model.key);
  return found == seats_.end() ? nullptr : &found->second;
}

bool take_seat(Simulator& simulator, const ModelSpec& model, Seat& seat,
               const std::function<bool(int)>& wait_readable) {
  Seats* seats = simulator.seats_of(model);
  if (!seats) return true;
  const Journal::Queued queued(simulator.journal);
  while (!seats->take())
    if (!wait_readable(seats->descriptor())) return false;
  seat = Seat(seats);
  return true;
}

void set_pace(Generation& generation, const Simulator& simulator, const ScriptedReply* scripted) {
  if (simulator.speed > 0)
    generation.delay = std::chrono::microseconds(static_cast<std::int64_t>(1e6 / simulator.speed));
  if (!scripted) return;
  if (scripted->delay_per_token) generation.delay = *scripted->delay_per_token;
  generation.prompt_time = scripted->prompt_time;
}

}  // namespace lmstudio_sim
