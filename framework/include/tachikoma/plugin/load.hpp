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

/// How many of a model's layers are placed on GPUs.
struct GpuLayers {
  enum class Kind : std::uint8_t { all, count, ratio };
  Kind kind = Kind::all;
  std::int64_t count = 0;  ///< Kind::count; 0 means none
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

/// How to load a model, or how it was loaded. An absent setting is left to the server.
struct LoadSettings {
  std::optional<std::int64_t> context_length = {};  ///< tokens
  std::optional<GpuLayers> gpu_layers = {};
  std::optional<SplitMode> gpu_split_mode = {};
  std::optional<std::int64_t> main_gpu = {};  ///< index, from 0
  std::vector<double> tensor_split = {};      ///< each GPU's share; empty: left to the server
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
  std::optional<std::int64_t> experts = {};           ///< active experts of a mixture-of-experts model
  std::optional<std::int64_t> parallel = {};          ///< simultaneous requests
  std::optional<std::chrono::milliseconds> ttl = {};  ///< unload it after this long without use; 0: never
  std::optional<std::string> identifier = {};         ///< the name by which requests address it
  /// If the model does not fit: the factor, between 0 and 1, for the next smaller context to try. Applied by
  /// the host; no provider sees it.
  std::optional<double> context_size_reduction = {};
  std::optional<std::int64_t> min_context_length = {};  ///< the smallest context to try; default 2048
  /// Additional settings by the server's own names, sent unchanged: an object, or null.
  Value extra = {};

  friend bool operator==(const LoadSettings&, const LoadSettings&) = default;
};

/// A setting that was requested and is not in effect as requested.
struct UnappliedSetting {
  std::string name = {};  ///< the configuration key, such as "use_mlock"
  Value asked = {};
  Value applied = {};       ///< what is in effect instead; null: unknown
  std::string reason = {};  ///< a sentence without a full stop
};

struct LoadRequest {
  std::string key = {};  ///< the key of a model on disk
  LoadSettings settings = {};
};

/// A newly loaded model.
struct LoadedModel {
  std::string key = {};
  std::string instance = {};  ///< the name by which requests address it
  std::string surface = {};   ///< how the settings were sent: "WebSocket", "/api/v1", "command line"
  /// The settings in effect, as the server reports them after the load; absent: not reported.
  LoadSettings applied = {};
  std::vector<UnappliedSetting> unapplied = {};
  Sourced<std::chrono::milliseconds> load_time{};
  std::vector<std::string> notices = {};  ///< sentences on what was adjusted
  Value extra = {};                       ///< anything else the server reported: an object, or null
};

/// Receives the progress of a load. Lent by the host for one call, and called on the thread that runs it.
/// After it returns `Flow::stop`, end the call.
class LoadSink {
 public:
  /// `fraction` of the load is done, from 0 to 1.
  virtual Flow on_progress(double fraction) = 0;
  /// A sentence that the user should see.
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

/// The state of a model. Every number names its source, or the reason why it is unknown.
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
  Sourced<std::int64_t> queued{};                  ///< waiting requests
  Sourced<std::chrono::milliseconds> ttl{};        ///< 0: it is not unloaded
  Sourced<std::chrono::milliseconds> last_used{};  ///< since 1970, UTC
  Sourced<double> tokens_per_second{};             ///< while generating, over all requests so far
  Sourced<double> prompt_tokens_per_second{};      ///< while reading prompts, likewise
  LoadSettings config = {};                        ///< in effect, as far as the server reports them
  std::string config_basis = {};                   ///< the source of `config`; empty: unknown
  /// What it was asked to be loaded with, by this provider; absent: another program loaded it, or may have.
  std::optional<LoadSettings> asked = {};
  /// The machine that runs it, if that is another than the server's: a device that the server is linked with.
  std::string device = {};
  Value extra = {};
};

/// How much memory a load would need.
struct MemoryEstimate {
  Sourced<std::int64_t> total_bytes{};  ///< in RAM and on GPUs together; of a range, the upper end
  Sourced<std::int64_t> vram_bytes{};   ///< of it, on GPUs
  Sourced<std::int64_t> model_bytes{};
  Sourced<std::int64_t> context_bytes{};    ///< keys and values, and the state of recurrent layers
  Sourced<std::int64_t> projector_bytes{};  ///< of the part that sees or hears; 0: there is none
  /// The buffers for intermediate results take from the one to the other.
  Sourced<std::int64_t> compute_min_bytes{}, compute_max_bytes{};
  std::optional<bool> fits = {};  ///< as judged by the server; absent: unknown
  std::string confidence = {};    ///< as the server words it, "high" or "low"; may be empty
};

}  // namespace tachikoma
