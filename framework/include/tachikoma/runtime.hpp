// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/config.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/structured_output.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// A runtime without a file: one provider.
struct Settings {
  std::string plugin = "lmstudio";  ///< also the provider's id
  std::string base_url = "auto";    ///< empty for a plugin that has none
  std::string api_key = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  Timeouts timeouts = {};
  PolicyConfig policy = {};
  LoadSettings load = {};
  GenerationSettings inference = {};
  std::string model = {};  ///< the default model
  std::vector<std::string> plugin_paths = {};
};

/// How a runtime of a file is opened.
struct OpenOptions {
  std::optional<std::string> file = {};  ///< absent: the one that `find_config` finds
  std::vector<std::string> plugin_paths =
      {};  ///< absolute folders, searched after `plugins.paths` of the file
  /// Gets every line; without one, warnings and errors go to stderr, and every line when the file says
  /// `verbose: true`: then also the logs of servers that offer one, from the first call of each on.
  LogCallback log = {};
};

class RuntimeParts;

/// One provider of a runtime. Keeps the runtime's inside alive; copy it freely. Thread-safe.
class ProviderHandle {
 public:
  const std::string& id() const;
  /// Is it there, is it what the config says, may we use it? `unsupported` where it can't tell.
  Result<Health> health(std::stop_token stop = {}) const;
  /// Every model of this server; `unsupported` where it has no list.
  Result<std::vector<ModelInfo>> list_models(std::stop_token stop = {}) const;

  /// Loads a model with the config's load settings beneath `settings`. Where `context_size_reduction` is set
  /// and the model does not fit, smaller contexts are tried, down to the floor, each told to `on_event`.
  /// Loading what is in memory loads it once more. Settings that are not in effect are in `unapplied`.
  /// `model_not_found`, `insufficient_memory`, `unsupported` for what no surface of the server can carry.
  Result<LoadedModel> load_model(std::string_view name, LoadSettings settings = {},
                                 const LoadCallback& on_event = {}, std::stop_token stop = {}) const;
  /// Unloads an instance, or all instances of a key, and returns their ids. `model_not_found` when none is in
  /// memory.
  Result<std::vector<std::string>> unload_model(std::string_view name, std::stop_token stop = {}) const;
  /// Unloads everything, and returns the ids.
  Result<std::vector<std::string>> unload_all(std::stop_token stop = {}) const;
  /// How a model does; its first instance, when there are several. Also of one that is not in memory.
  Result<ModelStatus> model_status(std::string_view name, std::stop_token stop = {}) const;
  /// Every model in memory, the one used last first.
  Result<std::vector<ModelStatus>> loaded_models(std::stop_token stop = {}) const;
  /// What a load would take, without loading.
  Result<MemoryEstimate> estimate_load(std::string_view name, LoadSettings settings = {},
                                       std::stop_token stop = {}) const;
  Result<Downloaded> download_model(const DownloadRequest& request, const DownloadCallback& on_progress = {},
                                    std::stop_token stop = {}) const;
  Result<Hardware> hardware(std::stop_token stop = {}) const;
  /// What is wrong, if anything, and what to do about it. Never fails for what it finds.
  Result<Diagnosis> diagnose(const DiagnosisOptions& options = {}, std::stop_token stop = {}) const;

  /// As the runtime's, with `request.model` a name on this provider; empty: the current one.
  Result<Reply> generate_text(TextRequest request) const;
  Result<Reply> stream_text(TextRequest request, const DeltaCallback& on_delta) const;
  Result<TextStream> stream_text(TextRequest request) const;

 private:
  friend class Runtime;
  ProviderHandle(std::shared_ptr<RuntimeParts> parts, std::string id);
  std::string on_this(std::string_view name) const;
  std::shared_ptr<RuntimeParts> parts_;
  std::string id_;
};

/// Everything an application needs: providers, models and plugins, as a config file names them.
///
/// Several runtimes can live in one process. Thread-safe after it is made. Movable; streams keep what
/// they need alive, so a runtime may be destroyed before them.
class Runtime {
 public:
  /// Reads the file and loads what it names; opens no connection. `config_invalid`, `plugin_refused`.
  static Result<Runtime> open(OpenOptions options);
  static Result<Runtime> open(std::string_view file, LogCallback log = {});
  /// The file that `find_config` finds.
  static Result<Runtime> open();
  /// From a checked config and the registry that checked it.
  static Result<Runtime> from(Config config, PluginRegistry plugins);
  /// From values.
  static Result<Runtime> with(Settings settings, LogCallback log = log_to_stderr());
  /// A runtime on the LM Studio of this machine, or nothing when none answers. Fails when one answers
  /// and can't be used: `unauthenticated`, `plugin_refused`. `plugin_paths` as in `Settings`.
  static Result<std::optional<Runtime>> auto_detect(LogCallback log = log_to_stderr(),
                                                    std::vector<std::string> plugin_paths = {});

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  /// Flushes the monitors. Running calls of other threads keep what they use alive; generations that were
  /// started and not waited for are waited for here, so that no callback comes later: stop them first.
  ~Runtime();

  /// Generates a whole reply. The server is asked for a stream all the same, so that cancelling stops
  /// the model and the time to the first token is real.
  Result<Reply> generate_text(TextRequest request);
  /// Hands every delta to `on_delta` on this thread: the direct path, without a queue.
  Result<Reply> stream_text(TextRequest request, const DeltaCallback& on_delta);
  /// Starts generating and returns the deltas as a range.
  Result<TextStream> stream_text(TextRequest request);

  /// Starts generating and returns at once; `on_done` is called exactly once, whatever happens, never from
  /// here: also a request that is refused is refused there. `on_delta`, when not empty, is called with each
  /// delta before. Both run on threads of the runtime's that serve other generations too: they must not
  /// block. What `on_delta` throws ends the generation with `cancelled`. Thousands may run at a time, where
  /// the provider offers `chat-async`; else 32, and the others wait. End it with `request.stop`.
  void stream_text_async(TextRequest request, DeltaCallback on_delta, ReplyCallback on_done);
  void generate_text_async(TextRequest request, ReplyCallback on_done) {
    stream_text_async(std::move(request), {}, std::move(on_done));
  }
  /// As `generate_text_async`, with the result in a future.
  std::future<Result<Reply>> generate_text_future(TextRequest request);

  /// Generates JSON that fits `schema`, and validates it here. What the answer only wraps (a code fence, text
  /// around it, JSON in the reasoning) is taken out; an answer that does not fit is sent back once, with what
  /// is wrong. Then `schema_violation`. `invalid_argument` for a schema that can't be used.
  Result<ObjectReply<Value>> generate_object(TextRequest request, const Value& schema);
  /// As above, and hands the object to `on_partial` as it grows: valid so far, not yet complete.
  Result<ObjectReply<Value>> stream_object(TextRequest request, const Value& schema,
                                           const PartialCallback& on_partial);
  /// As above, for a type that `TACHIKOMA_FIELDS` describes.
  template <class T>
  Result<ObjectReply<T>> generate_object(TextRequest request) {
    return typed<T>(generate_object(std::move(request), json_schema<T>()));
  }

  /// Embeds the texts, in batches of at most `request.batch_size`; the vectors are in the texts' order.
  Result<EmbeddingReply> embed(EmbeddingRequest request);
  /// How many tokens the request's prompt takes, by the server's own count; `unsupported` where it has none.
  Result<Sourced<std::int64_t>> count_tokens(const TextRequest& request);
  /// How many tokens a text takes, without a template.
  Result<Sourced<std::int64_t>> count_tokens(std::string_view model, std::string_view text,
                                             std::stop_token stop = {});

  /// As the provider's, for any name that ModelRegistry resolves; an alias brings its load settings.
  Result<LoadedModel> load_model(std::string_view name, LoadSettings settings = {},
                                 const LoadCallback& on_event = {}, std::stop_token stop = {});
  Result<std::vector<std::string>> unload_model(std::string_view name, std::stop_token stop = {});
  Result<ModelStatus> model_status(std::string_view name, std::stop_token stop = {});
  Result<MemoryEstimate> estimate_load(std::string_view name, LoadSettings settings = {},
                                       std::stop_token stop = {});
  /// The models in memory of every provider that manages models.
  LoadedListing loaded_models(std::stop_token stop = {});

  /// The provider of that id; `config_invalid` when the config has none of that name.
  Result<ProviderHandle> provider(std::string_view id) const;
  std::vector<std::string> provider_ids() const;
  /// The tool of that id in the config's `tools`; `config_invalid` when there is none.
  Result<std::shared_ptr<Tool>> tool(std::string_view id) const;

  ModelRegistry& models();
  PluginRegistry& plugins();
  const Config& config() const;

 private:
  explicit Runtime(std::shared_ptr<RuntimeParts> parts);
  std::shared_ptr<RuntimeParts> parts_;
};

Value to_value(const Error& error);

}  // namespace tachikoma
