// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "world/library.hpp"
#include "world/load_options.hpp"

namespace lmstudio_sim {

/// What an instance does for one request.
enum class Work : std::uint8_t { queued, prompt, generating, embedding };

/// A model in memory, or on its way there.
struct Instance {
  std::string id;         ///< how requests address it
  std::string key;        ///< of its model
  std::string reference;  ///< never the same again
  JsonValue settings;
  std::int64_t context_length = 0;
  std::chrono::steady_clock::time_point ready_at;  ///< at the latest when nobody waits for the load
  bool loading = false;                            ///< somebody tells how it goes, and ends it
  bool jit = false;                                ///< because a request named it
  std::optional<std::chrono::milliseconds> ttl = {};
  std::chrono::system_clock::time_point last_used = {};
  std::array<std::int64_t, 4> work{};  ///< requests at the moment, by `Work`

  std::int64_t count(Work kind) const { return work[static_cast<std::size_t>(kind)]; }
  bool busy() const { return work != decltype(work){}; }

  bool ready() const { return !loading && std::chrono::steady_clock::now() >= ready_at; }
};

/// What answers a request.
struct Served {
  const ModelSpec* model = nullptr;
  Instance instance;
  bool loads = false;  ///< because of this request
};

/// Why nothing answers a request.
struct NotServed {
  enum class Reason : std::uint8_t { unknown_model, none_loaded, load_failed };
  Reason reason = Reason::unknown_model;
  std::string message;  ///< in LM Studio's words
};

/// How a model shall be loaded.
struct LoadOptions {
  bool always = false;  ///< also where the script says that requests load nothing
  std::optional<std::int64_t> context_length = {};
  std::optional<std::string> identifier = {};
  std::optional<std::chrono::milliseconds> ttl = {};
  JsonValue settings = {};  ///< by the keys of the WebSocket's load config
  bool jit = false;
};

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

  /// Finds what serves `name` on the OpenAI routes: an instance, else a model on disk, which starts to
  /// load (wait for `ready_at`), else by the script's rules the only loaded model, else an error.
  std::variant<Served, NotServed> resolve(std::string_view name, const LoadOptions& options = {});

  /// What a load with this options would need, and whether there is room for it.
  std::pair<MemoryNeed, bool> estimate(const ModelSpec& model, const JsonValue& settings) const;
  /// Starts a load, which takes its memory at once; end it with `finish_load` or `unload`.
  std::variant<Instance, LoadProblem> start_load(const ModelSpec& model, const LoadOptions& options);
  /// It is in memory. Nothing when it was unloaded meanwhile.
  std::optional<Instance> finish_load(std::string_view reference);
  /// False when there is none with that reference.
  bool unload(std::string_view reference);
  /// Unloads what requests have loaded and nobody uses, and names it.
  std::vector<Instance> evict();

  /// A request's work on an instance, as long as the object lives.
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
    /// Goes on with something else.
    void become(Work work);
    /// False when the instance was unloaded meanwhile.
    bool is_loaded() const { return !models_ || models_->has(reference_); }

   private:
    void swap(InstanceUse& other) noexcept;
    LoadedModels* models_ = nullptr;
    std::string reference_;
    Work work_ = Work::queued;
  };

  /// The instances of the start.
  void reset();

 private:
  const Instance* only_language_model() const;
  std::variant<Served, NotServed> load_for_request(const ModelSpec& model, LoadOptions options);
  Instance& add(const ModelSpec& model, const LoadOptions& options, JsonValue settings);
  std::string free_id(std::string_view key) const;
  bool is_taken(std::string_view id) const;
  bool fits(const MemoryNeed& need) const;
  NotServed unknown(std::string_view name) const;
  void expire() const;
  void change(std::string_view reference, std::optional<Work> from, std::optional<Work> to);

  const Script& script_;
  const Library& library_;
  mutable std::mutex mutex_;
  mutable std::vector<Instance> instances_;  // guarded by mutex_; what has expired leaves it at the next look
  std::int64_t next_ = 1;                    // guarded by mutex_
};

}  // namespace lmstudio_sim
