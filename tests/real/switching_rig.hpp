// SPDX-License-Identifier: MIT
// Many clients that want several models of a memory which has room for one, and what they count.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "real/llama_server.hpp"

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::testing {

/// Each client asks, waits for its answer, and asks again, as its seed has it: the same on every run.
struct SwitchingLoad {
  std::vector<std::string> models, questions;
  double stay = 0;                         ///< the chance that a question is for the model of the last one
  std::chrono::milliseconds duration{};    ///< no client begins another question later
  std::size_t clients = 8, at_least = 40;  ///< questions of each client, however long they take
};

/// What a client got for a question.
struct SwitchingAnswer {
  std::string failure = {};  ///< empty: there is an answer
  std::string model = {}, text = {};
  bool whole = false;                                ///< it ended as the question implies
  std::chrono::steady_clock::time_point begun = {};  ///< of its text; left out: at its end
};
using AskModel = std::function<SwitchingAnswer(const std::string& model, const std::string& question)>;

/// The text that a model answers a question with, by model and question.
using ReferenceAnswers = std::map<std::pair<std::string, std::string>, std::string>;

struct SwitchingTally {
  std::string who;
  std::size_t requests = 0;
  std::size_t failed = 0;
  std::size_t cut = 0;       ///< answers that ended too early
  std::size_t wrong = 0;     ///< whole answers of another model than the one that was asked
  std::size_t loads = 0;     ///< that the server did; whoever runs the clients counts them
  std::size_t in_order = 0;  ///< loads that answering in the order of the questions would have taken
  std::chrono::nanoseconds longest_wait{};  ///< from a question to the begin of its answer
  /// The longest that a model's turn kept a request that waited for nobody else: what it took to unload the
  /// model before, to load this one, and to answer. As the clients saw it: from the last answer of the model
  /// before, or from the question if that was later, to the end of the answer.
  std::chrono::nanoseconds longest_turn{};
  std::vector<std::string> complaints = {};  ///< the first of what was not right
};

SwitchingTally run_clients(const SwitchingLoad& load, const ReferenceAnswers& references,
                           const AskModel& ask);

/// Side by side, for people.
std::string table(const std::vector<SwitchingTally>& tallies);

/// What each of the models answers when it is alone on a server.
ReferenceAnswers answers_alone(const std::vector<TinyModel>& models,
                               const std::vector<std::string>& questions);

/// Asks a server itself, by plain HTTP.
SwitchingAnswer ask_server(int port, const std::string& model, const std::string& question);
/// The same question to a model of that provider.
SwitchingAnswer ask_runtime(Runtime& runtime, const std::string& provider, const std::string& model,
                            const std::string& question);

/// How many loads the router's log tells of.
std::size_t loads_of(const LlamaServer& router);

/// What makes three models of a configuration share room for one.
inline constexpr std::chrono::milliseconds kPatience{2000};
inline constexpr char kRoomForOne[] = "memory: {max_instances: 1, patience: 2s}\n";

/// A runtime with that configuration file, and without a log.
Runtime open_silently(const std::string& config_file);

}  // namespace tachikoma::testing
