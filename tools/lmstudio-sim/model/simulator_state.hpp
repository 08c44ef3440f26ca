// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>

#include "http/server.hpp"
#include "model/concurrency_slots.hpp"
#include "model/conversations.hpp"
#include "model/generated_answer.hpp"
#include "model/scripted_responses.hpp"
#include "world/journal.hpp"
#include "world/library.hpp"
#include "world/loaded_models.hpp"
#include "world/log_broadcast.hpp"
#include "world/script.hpp"
#include "world/uploads.hpp"
#include "world/websocket_clients.hpp"

namespace lmstudio_sim {

/// Everything that lives longer than a request.
struct SimulatorState {
  SimulatorState(Script s, double tokens_per_second);
  /// Null when the model has no limit.
  ConcurrencySlots* slots_of(const ModelSpec& model);

  const Script script;
  Library library;             // of `script`
  LoadedModels loaded_models;  // of both
  Journal journal;
  ScriptedResponses responses;
  Conversations conversations;
  LogBroadcast logs;
  Uploads uploads;
  WebSocketClients clients;  // of `script`
  const double speed;
  SwitchedServer* http = nullptr;  ///< clients of the WebSocket start and stop it

 private:
  std::map<std::string, ConcurrencySlots, std::less<>> slots_;  // by model key
};

/// Waits for one of the model's slots with `wait_readable`; false when that returns false.
bool wait_for_slot(SimulatorState& simulator, const ModelSpec& model, ConcurrencySlot& slot,
                   const std::function<bool(int)>& wait_readable);

/// Sets the pace of an answer: the script's, otherwise that of --speed.
void set_pace(Generation& generation, const SimulatorState& simulator, const ScriptedReply* scripted);

}  // namespace lmstudio_sim
