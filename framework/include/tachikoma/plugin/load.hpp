// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/stream.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// How many of a model's layers the GPUs get.
struct GpuLayers {
  enum class Kind : std::uint8_t { all, count, ratio };
  Kind kind = Kind::all;
  std::int64_t count = 0;  ///< Kind::count; 0 is none
  double ratio = 1;        ///< Kind::ratio, from 0 to 1

  static constexpr GpuLayers all() { return {}; }
  static constexpr GpuLayers none() { return exactly(0); }
  static constexpr GpuLayers exactly(std::int64_t layers) { return {Kind::count, layers, 1}; }
  static constexpr GpuLayers share(double of_all) { return {Kind::ratio, 0, of_all}; }
  friend bool operator==(const GpuLayers&, const GpuLayers&) = default;
};

/// How a model is split over several GPUs.
enum class SplitMode : std::uint8_t {
  layer,  ///< whole layers, the usual way
  row,    ///< each layer by rows
  none,   ///< the main GPU alone
};

enum class FlashAttention : std::uint8_t { off, on, automatic };

/// "layer", "row" or "none".
constexpr std::string_view to_string(SplitMode mode) noexcept {
  switch (mode) {
    case SplitMode::layer: return "layer";
    case SplitMode::row: return "row";
    case SplitMode::none: return "none";
  }
  return "layer";
}
/// "off", "on" or "auto".
constexpr std::string_view to_string(FlashAttention flash) noexcept {
  switch (flash) {
    case FlashAttention::off: return "off";
    case FlashAttention::on: return "on";
    case FlashAttention::automatic: return "auto";
  }
  return "auto";
}

/// How a model shall be loaded, or was. What is absent is left to the server.
struct LoadSettings {
  std::optional<std::int64_t> context_length = {};  ///< tokens
  std::optional<GpuLayers> gpu_layers = {};
  std::optional<SplitMode> gpu_split_mode = {};
  std::optional<std::int64_t> main_gpu = {};  ///< index, from 0
  std::vector<double> tensor_split = {};      ///< share of each GPU; empty: left to the server
  std::optional<std::int64_t> batch_size = {};
  std::optional<std::int64_t> micro_batch_size = {};
  std::optional<std::int64_t> threads = {};
  std::optional<bool> use_mlock = {};
  std::optional<bool> use_mmap = {};
  std::optional<bool> offload_kqv = {};
  std::optional<FlashAttention> flash_attention = {};
  std::optional<std::string> cache_type_k = {};  ///< "f16", "q8_0", …
  std::optional<std::string> cache_type_v = {};
  std::optional<std::int64_t> seed = {};
  std::optional<double> rope_frequency_base = {};
  std::optional<double> rope_frequency_scale = {};
  std::optional<std::int64_t> experts = {};           ///< of a mixture, how many are active
  std::optional<std::int64_t> parallel = {};          ///< requests at a time
  std::optional<std::chrono::milliseconds> ttl = {};  ///< unused for so long, it is unloaded
  std::optional<std::string> identifier = {};         ///< how requests shall address it
  /// When it does not fit: the factor, between 0 and 1, for the next smaller context to try. The host does
  /// that; no provider sees it.
  std::optional<double> context_size_reduction = {};
  std::optional<std::int64_t> min_context_length = {};  ///< the floor of that; 2048 when absent
  /// Further settings by the server's own names, sent as they are; an object, or null.
  Value extra = {};

  friend bool operator==(const LoadSettings&, const LoadSettings&) = default;
};

/// A setting that was asked for and is not in effect as asked.
struct UnappliedSetting {
  std::string name;  ///< as in the configuration, "use_mlock"
  Value asked = {};
  Value applied = {};  ///< what is in effect instead; null: nobody says
  std::string reason;  ///< a sentence without a full stop
};

struct LoadRequest {
  std::string key;  ///< of a model on disk
  LoadSettings settings = {};
};

/// A model that was loaded just now.
struct LoadedModel {
  std::string key = {};
  std::string instance = {};  ///< how requests address it
  std::string surface = {};   ///< what carried the settings: "WebSocket", "/api/v1", "command line"
  /// In effect, as the server says after the load; absent where it does not say.
  LoadSettings applied = {};
  std::vector<UnappliedSetting> unapplied = {};
  Sourced<std::chrono::milliseconds> load_time{};
  std::vector<std::string> notices = {};  ///< what was negotiated, in sentences
  Value extra = {};                       ///< what else the server says, an object, or null
};

/// Hears how a load goes. Lent by the host for one call, called on the thread that runs it; after
/// `Flow::stop`, end the call.
class LoadSink {
 public:
  /// `fraction` of it is done, from 0 to 1.
  virtual Flow on_progress(double fraction) = 0;
  /// What the user should know, in a sentence.
  virtual Flow on_notice(std::string_view text) = 0;

 protected:
  ~LoadSink() = default;
};

/// What a model in memory is doing.
enum class Activity : std::uint8_t { unknown, idle, prompt, generating, embedding };

/// "unknown", "idle", "prompt", "generating" or "embedding".
constexpr std::string_view to_string(Activity activity) noexcept {
  switch (activity) {
    case Activity::unknown: return "unknown";
    case Activity::idle: return "idle";
    case Activity::prompt: return "prompt";
    case Activity::generating: return "generating";
    case Activity::embedding: return "embedding";
  }
  return "unknown";
}

/// A model and how it does. Every number says where it is from, or why there is none.
struct ModelStatus {
  std::string key = {};
  std::string instance = {};  ///< empty: it is not in memory
  ModelState state = ModelState::unknown;
  Sourced<std::int64_t> context_length{};
  Sourced<std::int64_t> gpu_layers{};
  Sourced<std::int64_t> total_layers{};
  Sourced<std::int64_t> memory_bytes{};  ///< in RAM and on GPUs together
  Sourced<std::int64_t> vram_bytes{};    ///< on GPUs
  Sourced<Activity> activity{};
  Sourced<std::int64_t> queued{};                  ///< requests that wait
  Sourced<std::chrono::milliseconds> ttl{};        ///< 0: it stays
  Sourced<std::chrono::milliseconds> last_used{};  ///< since 1970, UTC
  Sourced<double> tokens_per_second{};             ///< while generating, over all requests so far
  Sourced<double> prompt_tokens_per_second{};      ///< while reading prompts, likewise
  LoadSettings config = {};                        ///< in effect, as far as the server says
  std::string config_basis = {};                   ///< who says it; empty: nobody
  Value extra = {};
};

/// What a load would take.
struct MemoryEstimate {
  Sourced<std::int64_t> total_bytes{};
  Sourced<std::int64_t> vram_bytes{};
  Sourced<std::int64_t> model_bytes{};
  Sourced<std::int64_t> context_bytes{};
  std::optional<bool> fits = {};  ///< in the server's own judgement; absent: it has none
  std::string confidence = {};    ///< in the server's words, "high" or "low"; may be empty
};

}  // namespace tachikoma
