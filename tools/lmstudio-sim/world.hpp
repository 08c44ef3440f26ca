// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "script.hpp"
#include "wire_errors.hpp"

namespace lmstudio_sim {

/// A model in memory, or on its way there.
struct Instance {
  std::string id;
  std::string key;
  std::int64_t context_length = 0;
  std::chrono::steady_clock::time_point ready_at;
  bool jit = false;

  bool ready() const { return std::chrono::steady_clock::now() >= ready_at; }
};

/// What answers a request.
struct Served {
  const ModelSpec* model = nullptr;
  Instance instance;
  bool loads = false;  ///< because of this request
};

/// What a request wants of a model that it may have to load.
struct LoadWish {
  bool always = false;  ///< also where the script says that requests load nothing
  std::optional<std::int64_t> context_length = {};
};

/// The models on disk and in memory. Every member function may be called from any thread.
class World {
 public:
  explicit World(const Script& script);

  const std::vector<ModelSpec>& models() const { return script_.models; }
  bool jit() const { return script_.jit; }
  /// The instances in memory, in the order in which they were loaded.
  std::vector<Instance> instances() const;

  /// A model on disk by its key, or null.
  const ModelSpec* find_model(std::string_view key) const;
  /// Finds what serves `name` on the OpenAI routes: an instance, else a model on disk, which starts to
  /// load (wait for `ready_at`), else by the script's rules the only loaded model, else an error.
  std::variant<Served, WireError> resolve(std::string_view name, const LoadWish& wish = {});
  /// The instances of the start.
  void reset();

 private:
  const Instance* only_language_model() const;
  std::variant<Served, WireError> load_for_request(const ModelSpec& model, const LoadWish& wish);
  WireError unknown(std::string_view name) const;
  std::int64_t used_bytes() const;

  const Script& script_;
  mutable std::mutex mutex_;
  std::vector<Instance> instances_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
