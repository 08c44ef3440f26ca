// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

class ProviderHandle;
class Runtime;

/// What a model is wanted for.
enum class Task : std::uint8_t { general, chat, code, reasoning, creative };
/// What matters more: a short wait for each token, or a larger model.
enum class Speed : std::uint8_t { fast, balanced, quality };

/// "general", "chat", "code", "reasoning" or "creative".
constexpr std::string_view to_string(Task task) noexcept {
  switch (task) {
    case Task::general: return "general";
    case Task::chat: return "chat";
    case Task::code: return "code";
    case Task::reasoning: return "reasoning";
    case Task::creative: return "creative";
  }
  return "general";
}
/// "fast", "balanced" or "quality".
constexpr std::string_view to_string(Speed speed) noexcept {
  switch (speed) {
    case Speed::fast: return "fast";
    case Speed::balanced: return "balanced";
    case Speed::quality: return "quality";
  }
  return "balanced";
}

/// A model, what it needs, and why it is where it is in a ranking.
struct RankedModel {
  std::string name = {};      ///< an address, or a name of the model library
  std::string provider = {};  ///< that lists it, or whose machine it would fit
  bool listed = false;        ///< a provider has it; else it could be downloaded
  std::string download = {};  ///< its name for `download_model`, if that is known
  bool loaded = false;
  std::string quantization = {};
  std::string reason = {};                  ///< a sentence without a full stop
  Sourced<std::int64_t> required_bytes{};   ///< with a context of `context_length`
  Sourced<std::int64_t> context_length{};   ///< tokens
  Sourced<std::int64_t> on_gpus_bytes{};    ///< of the required, as much as there is room for
  Sourced<std::int64_t> bytes_per_token{};  ///< of the weights, read for each token
  Sourced<double> parameters{};             ///< in all
  Sourced<double> active_parameters{};      ///< read for each token
};

/// What a provider's models may use: its machine's memory without what is to stay free.
struct MemoryBudget {
  std::string provider = {};
  Sourced<std::int64_t> ram_bytes{};
  Sourced<std::int64_t> vram_bytes{};
  Sourced<std::int64_t> available_ram_bytes{};  ///< now, of the machine
};

/// The models for a task, best first.
struct TACHIKOMA_API Selection {
  Task task = Task::general;
  Speed speed = Speed::balanced;
  double headroom = 0;
  std::vector<MemoryBudget> budgets = {};
  std::vector<RankedModel> ranked = {};
  std::vector<RankedModel> too_large = {};  ///< by name; `reason` has the numbers
  struct Failure {
    std::string provider = {};
    Error error = {};
  };
  std::vector<Failure> failures = {};

  /// The first. `insufficient_memory`: none fits, and the message says what the smallest needs.
  Result<RankedModel> best() const;
};

/// Chooses models by memory, task and speed. A plain value; thread-safe.
///
/// What fits is ranked: models that a provider has, with what they need as their server estimates it, else as
/// the model library or their file says; then those of the library that could be downloaded. Among them what
/// is made for the task comes before what the library does not know, and that before the rest. Then a rule of
/// thumb decides. Size is the parameters, for a mixture of experts the geometric mean of all and the active
/// ones; each year since 2023 counts fourfold, being specialised on the task twofold. Time is the weights
/// that are read for each token, those in RAM counted ten times. `quality` ranks by size, `balanced` by size
/// over the square root of time, `fast` by the square root of size over time. Equals: the loaded one first,
/// then by name.
struct TACHIKOMA_API ModelSelector {
  std::optional<std::int64_t> max_ram = {};   ///< bytes; absent: what the provider's machine has
  std::optional<std::int64_t> max_vram = {};  ///< likewise
  Speed speed = Speed::balanced;
  double headroom = 0.2;               ///< the share of either that stays free
  std::int64_t context_length = 8192;  ///< tokens; less for a model that has less
  std::string library = {};            ///< a file like config/model-library.yaml; empty: the built-in one

  /// The best model; fails as `Selection::best` does, or with
  /// `invalid_argument`: a setting is out of its range, or the memory is not known and not given.
  Result<RankedModel> recommend(Task task, const ProviderHandle& provider, std::stop_token stop = {}) const;
  Result<RankedModel> recommend(Task task, const Runtime& runtime, std::stop_token stop = {}) const;
  /// All of them.
  Result<Selection> rank(Task task, const ProviderHandle& provider, std::stop_token stop = {}) const;
  /// Those of all providers; a provider that can't be asked is one of the `failures`.
  Result<Selection> rank(Task task, const Runtime& runtime, std::stop_token stop = {}) const;
};

/// A size as a configuration has it: "16GB", "512MiB", or a number of bytes. Nothing for any other text.
TACHIKOMA_API std::optional<std::int64_t> read_size(std::string_view text);

/// The published JSON forms (docs/json.md).
TACHIKOMA_API Value to_value(const RankedModel& model);
TACHIKOMA_API Value to_value(const Selection& selection);

}  // namespace tachikoma
