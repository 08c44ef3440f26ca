// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "world/library.hpp"
#include "world/load_options.hpp"

namespace lmstudio_sim {

/// A wait for so long; false when it ended early because the client left.
using Waiter = std::function<bool(std::chrono::microseconds)>;

/// What an instance does for one request.
enum class Work : std::uint8_t { queued, prompt, generating, embedding };

/// A model in memory, or on its way there.
struct Instance {
  std::string id;         ///< how requests address it
  std::string key;        ///< of its model
  std::string reference;  ///< never reused
  JsonValue settings;
  std::int64_t context_length = 0;
  std::chrono::steady_clock::time_point ready_at;  ///< when a load that nobody follows is done
  bool loading = false;                            ///< a client follows the load, and ends it
  bool held = false;                               ///< the script does not let the load end
  bool expired = false;                            ///< not used for its ttl: it only takes memory
  bool jit = false;                                ///< loaded because a request named the model
  std::optional<std::chrono::milliseconds> ttl = {};
  std::chrono::system_clock::time_point last_used = {};
  std::array<std::int64_t, 4> work{};  ///< current requests, by `Work`

  std::int64_t count(Work kind) const { return work[static_cast<std::size_t>(kind)]; }
  bool busy() const { return work != decltype(work){}; }

  bool ready() const { return !loading && !held && std::chrono::steady_clock::now() >= ready_at; }
};

/// The model and instance that answer a request.
struct Served {
  const ModelSpec* model = nullptr;
  Instance instance;
  bool loads = false;  ///< this request started the load
};

/// Why no model can answer a request.
struct NotServed {
  enum class Reason : std::uint8_t { unknown_model, none_loaded, load_failed };
  Reason reason = Reason::unknown_model;
  std::string message;  ///< in LM Studio's words
};

/// LM Studio's message when a model is unloaded during a load or a prediction.
inline constexpr std::string_view kUnloaded = "Model unloaded by user or API request.";

/// Why a model can't be loaded.
enum class LoadProblem : std::uint8_t { none, identifier_taken, memory };

/// The models in memory. Every member function may be called from any thread.
class LoadedModels {
 public:
  LoadedModels(const Script& script, const Library& library);

  bool jit() const { return script_.jit; }
  /// The instances in memory, in the order in which they were loaded.
  std::vector<Instance> instances() const;
  /// The instance with that reference, if it is still there.
  std::optional<Instance> find(std::string_view reference) const;
  bool has(std::string_view reference) const;

  /// Waits for a part of a load or for a token: longer if the script holds that, shorter if the instance is
  /// unloaded. False when the client left.
  enum class Part : std::uint8_t { load, first_token, later_token };
  bool wait(std::string_view reference, Part part, std::chrono::microseconds time,
            const Waiter& waiter) const;
  /// Holds this from now on, and nothing else.
  void hold(Held held);
  /// Makes the instances that no request uses as old as if nobody had used them for so much longer.
  void age(std::chrono::milliseconds time);

  /// Finds what serves `name` on the OpenAI routes: an instance, else a model on disk, which starts to
  /// load (see `wait`), else the only loaded model if the script allows that, else an error.
  std::variant<Served, NotServed> resolve(std::string_view name, const LoadOptions& options = {});

  /// What a load with these settings would need, and whether there is room for it.
  std::pair<MemoryNeed, bool> estimate(const ModelSpec& model, const JsonValue& settings) const;
  /// Starts a load, which takes its memory at once; end it with `finish_load` or `unload`.
  std::variant<Instance, LoadProblem> start_load(const ModelSpec& model, const LoadOptions& options);
  /// Completes a load. Nothing when the instance was unloaded meanwhile.
  std::optional<Instance> finish_load(std::string_view reference);
  /// False when there is none with that reference.
  bool unload(std::string_view reference);
  /// Unloads the instances that requests have loaded, and returns them.
  std::vector<Instance> evict();

  /// Counts a request as work of an instance while the object lives.
  class InstanceUse {
   public:
    InstanceUse() = default;
    InstanceUse(LoadedModels& models, std::string reference, Work work);
    InstanceUse(InstanceUse&& other) noexcept { swap(other); }
    InstanceUse& operator=(InstanceUse&& other) noexcept {
      swap(other);
      return *this;
    }
    ~InstanceUse();
    /// Switches to another kind of work.
    void become(Work work);
    /// Waits for a token, as `LoadedModels::wait` does.
    bool wait(Part part, std::chrono::microseconds time, const Waiter& waiter) const {
      return models_->wait(reference_, part, time, waiter);
    }
    /// False when the instance was unloaded meanwhile.
    bool is_loaded() const { return !models_ || models_->has(reference_); }

   private:
    void swap(InstanceUse& other) noexcept;
    LoadedModels* models_ = nullptr;
    std::string reference_;
    Work work_ = Work::queued;
  };

  /// Restores the initial instances.
  void reset();

 private:
  const Instance* find_serving(std::string_view name) const;
  const Instance* only_language_model() const;
  std::variant<Served, NotServed> load_for_request(const ModelSpec& model, LoadOptions options);
  Instance& add(const ModelSpec& model, const LoadOptions& options, JsonValue settings);
  std::string free_id(std::string_view key) const;
  bool is_taken(std::string_view id) const;
  bool fits(const MemoryNeed& need) const;
  std::vector<Instance> evict_locked();
  std::optional<bool> is_held(std::string_view reference, Part part) const;
  NotServed unknown(std::string_view name) const;
  void expire() const;
  void change(std::string_view reference, std::optional<Work> from, std::optional<Work> to);

  const Script& script_;
  const Library& library_;
  mutable std::mutex mutex_;
  mutable std::vector<Instance> instances_;  // guarded by mutex_; what has expired is removed on access
  Held held_;                                // guarded by mutex_
  std::int64_t next_ = 1;                    // guarded by mutex_
};

}  // namespace lmstudio_sim
