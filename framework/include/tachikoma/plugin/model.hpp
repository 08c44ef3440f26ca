// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// The source of a number. A number without a source is never shown.
enum class Source : std::uint8_t {
  unknown,    ///< there is no number; `basis` says why
  measured,   ///< by Tachikoma; `basis` says how
  reported,   ///< `basis` says by whom
  estimated,  ///< `basis` says from what
};

/// "unknown", "measured", "reported" or "estimated".
constexpr std::string_view to_string(Source source) noexcept {
  switch (source) {
    case Source::unknown: return "unknown";
    case Source::measured: return "measured";
    case Source::reported: return "reported";
    case Source::estimated: return "estimated";
  }
  return "unknown";
}

/// A number with its source. The unit is fixed by the field that holds it.
template <class T>
struct Sourced {
  T value{};
  Source source = Source::unknown;
  std::string basis = {};

  explicit operator bool() const noexcept { return source != Source::unknown; }
  friend bool operator==(const Sourced&, const Sourced&) = default;
};

enum class ModelKind : std::uint8_t { unknown, llm, embedding };
enum class ModelState : std::uint8_t { unknown, not_loaded, loading, loaded, failed };

/// "unknown", "llm" or "embedding".
constexpr std::string_view to_string(ModelKind kind) noexcept {
  switch (kind) {
    case ModelKind::unknown: return "unknown";
    case ModelKind::llm: return "llm";
    case ModelKind::embedding: return "embedding";
  }
  return "unknown";
}
/// "unknown", "not_loaded", "loading", "loaded" or "failed".
constexpr std::string_view to_string(ModelState state) noexcept {
  switch (state) {
    case ModelState::unknown: return "unknown";
    case ModelState::not_loaded: return "not_loaded";
    case ModelState::loading: return "loading";
    case ModelState::loaded: return "loaded";
    case ModelState::failed: return "failed";
  }
  return "unknown";
}

/// A model in memory.
struct ModelInstance {
  std::string id = {};                     ///< how requests address it
  Sourced<std::int64_t> context_length{};  ///< tokens, as loaded
};

/// A model on a server. Empty strings and absent values: not reported by the server.
struct ModelInfo {
  std::string key = {};                   ///< the name on disk, unique within one server
  std::vector<std::string> aliases = {};  ///< other names by which requests may address it
  /// Other files of it, such as other quantizations: the names by which the server loads them instead.
  std::vector<std::string> variants = {};
  std::string display_name = {};
  std::string publisher = {};
  std::string architecture = {};
  std::string quantization = {};
  std::string format = {};  ///< "gguf", "mlx"
  ModelKind kind = ModelKind::unknown;
  ModelState state = ModelState::unknown;
  std::vector<ModelInstance> instances = {};
  std::string path = {};  ///< of its file, often relative to a folder of the server; empty: unknown
  Sourced<std::int64_t> size_bytes{};          ///< on disk
  Sourced<std::int64_t> max_context_length{};  ///< tokens
  std::optional<bool> vision = {};
  std::optional<bool> tool_use = {};
  /// The values that the server accepts for `reasoning_effort`, in its own words ("off", "on", "low", …);
  /// empty: unknown, or the model has no such setting.
  std::vector<std::string> reasoning_options = {};
  Value extra = {};  ///< anything else the server reports about it: an object, or null
};

}  // namespace tachikoma
