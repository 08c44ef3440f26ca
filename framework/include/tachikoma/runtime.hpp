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

#include "tachikoma/api.hpp"
#include "tachikoma/batch.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/memory_report.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/reload.hpp"
#include "tachikoma/structured_output.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// A runtime without a file: one provider.
struct Settings {
  std::string plugin = "lmstudio";  ///< also the provider's id
  std::string base_url = "auto";    ///< empty for a plugin without one
  std::string api_key = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  Timeouts timeouts = {};
  PolicyConfig policy = {};
  MemoryConfig memory = {};
  CacheConfig cache = {};
  LoadSettings load = {};
  GenerationSettings inference = {};
  std::string model = {};  ///< the default model
  std::vector<std::string> plugin_paths = {};
  bool status_file = false;  ///< as in `OpenOptions`
};

/// How to open a runtime from a file.
struct OpenOptions {
  std::optional<std::string> file = {};  ///< absent: the file that `find_config` finds
  std::vector<std::string> plugin_paths =
      {};  ///< absolute folders, searched after `plugins.paths` of the file
  /// Receives every log line. Without one, warnings and errors go to stderr; with `verbose: true` in the
  /// file, every line does, including the servers' own logs, each from the first call to its server.
  LogCallback log = {};
  bool preload =
      true;  ///< begin at once to load the models with `preload: true`; false: when they are needed
  /// While the runtime exists, `tachikoma ps` of the same user shows what it keeps in memory, and why: a
  /// thread writes that to a file in $XDG_RUNTIME_DIR/tachikoma. Without that folder nothing is written, and
  /// the log says so at debug level.
  bool status_file = false;
};

class RuntimeParts;
class BatchWorker;
class UsageMonitor;
struct ModelSelector;

/// One provider of a runtime. Keeps the runtime's parts alive; cheap to copy. Thread-safe. Once the runtime
/// was reloaded without that provider, everything fails with `config_invalid`.
class TACHIKOMA_API ProviderHandle {
 public:
  const std::string& id() const;
  /// Checks that the server is reachable, of the configured kind, and usable with the key. `unsupported` if
  /// the provider can't check.
  Result<Health> health(std::stop_token stop = {}) const;
  /// Every model of this server; `unsupported` if it can't list them.
  Result<std::vector<ModelInfo>> list_models(std::stop_token stop = {}) const;

  /// Loads a model with `settings` merged over the config's load settings. If `context_size_reduction` is set
  /// and the model does not fit, smaller contexts are tried, down to the minimum; each is reported to
  /// `on_event`. A model that is in memory is loaded again, as a new instance. Settings that are not in
  /// effect afterwards are in `unapplied`. Fails with `model_not_found`, `insufficient_memory`, or
  /// `unsupported` for a setting that no API of the server supports.
  Result<LoadedModel> load_model(std::string_view name, LoadSettings settings = {},
                                 const LoadCallback& on_event = {}, std::stop_token stop = {}) const;
  /// Unloads an instance, or all instances of a key, and returns their ids. Fails with `model_not_found` if
  /// none is in memory.
  Result<std::vector<std::string>> unload_model(std::string_view name, std::stop_token stop = {}) const;
  /// Unloads every model, and returns the instances' ids.
  Result<std::vector<std::string>> unload_all(std::stop_token stop = {}) const;
  /// The status of a model, also of one that is not in memory; of its first instance if there are several.
  Result<ModelStatus> model_status(std::string_view name, std::stop_token stop = {}) const;
  /// Every model in memory, most recently used first.
  Result<std::vector<ModelStatus>> loaded_models(std::stop_token stop = {}) const;
  /// How much memory a load would need; loads nothing.
  Result<MemoryEstimate> estimate_load(std::string_view name, LoadSettings settings = {},
                                       std::stop_token stop = {}) const;
  Result<Downloaded> download_model(const DownloadRequest& request, const DownloadCallback& on_progress = {},
                                    std::stop_token stop = {}) const;
  Result<Hardware> hardware(std::stop_token stop = {}) const;
  /// What is wrong, if anything, and what to do about it. What it finds is not an error.
  Result<Diagnosis> diagnose(const DiagnosisOptions& options = {}, std::stop_token stop = {}) const;

  /// As the runtime's functions; `request.model` is a name on this provider; empty: its current model.
  Result<Reply> generate_text(TextRequest request) const;
  Result<Reply> stream_text(TextRequest request, const DeltaCallback& on_delta) const;
  Result<TextStream> stream_text(TextRequest request) const;
  Result<std::vector<Result<Reply>>> batch_generate(std::vector<TextRequest> requests,
                                                    const BatchOptions& options = {}) const;

 private:
  friend class Runtime;
  friend struct ModelSelector;
  ProviderHandle(std::shared_ptr<RuntimeParts> parts, std::string id);
  std::string on_this(std::string_view name) const;
  std::shared_ptr<RuntimeParts> parts_;
  std::string id_;
};

/// Everything an application needs: providers, models and plugins, as a config file names them.
///
/// A process may have several runtimes. Thread-safe once made. Movable. Streams keep what they need alive, so
/// a runtime may be destroyed before them.
class TACHIKOMA_API Runtime {
 public:
  /// Reads the file and loads what it names; opens no connection. `config_invalid`, `plugin_refused`.
  static Result<Runtime> open(OpenOptions options);
  static Result<Runtime> open(std::string_view file, LogCallback log = {});
  /// The file that `find_config` finds.
  static Result<Runtime> open();
  /// From a checked config and the registry that checked it. Begins at once to load what it preloads.
  static Result<Runtime> from(Config config, PluginRegistry plugins);
  /// From settings, without a file.
  static Result<Runtime> with(Settings settings, LogCallback log = log_to_stderr());
  /// A runtime on the LM Studio of this machine, or nothing when none answers. Fails when one answers
  /// and can't be used: `unauthenticated`, `plugin_refused`. The others as in `Settings`.
  static Result<std::optional<Runtime>> auto_detect(LogCallback log = log_to_stderr(),
                                                    std::vector<std::string> plugin_paths = {},
                                                    bool status_file = false);

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  /// Flushes the monitors. Running calls on other threads keep what they use alive. Waits for asynchronous
  /// generations, so that no callback runs afterwards: stop them first. Does not wait for a plugin or a tool
  /// that never returns: its thread keeps what it uses, the plugin's code too (docs/threads.md).
  ~Runtime();

  /// Generates a whole reply. The server still streams it, so that cancelling stops the model and the time to
  /// the first token is real.
  Result<Reply> generate_text(TextRequest request);  // TextRequest{…} shows which field is mistyped
  /// Passes every delta to `on_delta` on this thread: the direct path, without a queue.
  Result<Reply> stream_text(TextRequest request,  // TextRequest{…} shows which field is mistyped
                            const DeltaCallback& on_delta);
  /// Starts generating and returns the deltas as a range.
  Result<TextStream> stream_text(TextRequest request);  // TextRequest{…} shows which field is mistyped

  /// Starts generating and returns immediately. `on_done` is called exactly once, whatever happens, and never
  /// from within this function, not even for an invalid request. `on_delta`, if not empty, is called with
  /// each delta before that. Both run on threads of the runtime that serve other generations too: they must
  /// not block. An exception of `on_delta` ends the generation with `cancelled`. Thousands may run at a time
  /// if the provider offers `chat-async`; else 32, and the others wait. `request.stop` cancels the
  /// generation.
  void stream_text_async(TextRequest request, DeltaCallback on_delta, ReplyCallback on_done);
  void generate_text_async(TextRequest request, ReplyCallback on_done) {
    stream_text_async(std::move(request), {}, std::move(on_done));
  }
  /// As `generate_text_async`, with the result in a future.
  std::future<Result<Reply>> generate_text_future(TextRequest request);

  /// Runs many requests, and returns their results in the same order; one that fails does not affect the
  /// others. Requests for one model are run together, the models in the order in which they first appear, so
  /// that each is loaded once. They are asynchronous: thousands need no threads if the provider offers
  /// `chat-async`. Not to be called in a callback of an asynchronous generation. Fails with
  /// `invalid_argument` for options that can't be.
  Result<std::vector<Result<Reply>>> batch_generate(std::vector<TextRequest> requests,
                                                    const BatchOptions& options = {});
  /// Runs the requests of a file, and writes their results to others; the requests may be more than the
  /// memory holds. Nothing is sent unless every line can be read. Results are kept in a journal, `output`
  /// with
  /// ".journal" behind it, as they come; at the end the files are written from it, in the order of the input,
  /// and it is removed. Fails with `cancelled` or `timeout` if it was stopped before; with `invalid_argument`
  /// for an input that is wrong, and if a file is there that `resume` does not go on with.
  Result<BatchReport> batch_file(const BatchFiles& files, const BatchOptions& options = {});

  /// Generates JSON that fits `schema`, and validates it here. JSON in a code fence, inside other text or in
  /// the reasoning is extracted. An answer that does not fit is sent back once, with the violations; if the
  /// next one does not fit either, fails with `schema_violation`. `invalid_argument` for a schema that can't
  /// be used.
  Result<ObjectReply<Value>> generate_object(TextRequest request, const Value& schema);
  /// As above, and passes the growing object to `on_partial`: well-formed, but not complete or validated yet.
  Result<ObjectReply<Value>> stream_object(TextRequest request, const Value& schema,
                                           const PartialCallback& on_partial);
  /// As above, for a type that `TACHIKOMA_FIELDS` describes.
  template <class T>
  Result<ObjectReply<T>> generate_object(TextRequest request) {
    return typed<T>(generate_object(std::move(request), json_schema<T>()));
  }

  /// Embeds the texts, in batches of at most `request.batch_size`. The vectors are in the order of the texts.
  Result<EmbeddingReply> embed(EmbeddingRequest request);
  /// The number of tokens in the request's prompt, counted by the server; `unsupported` if it can't count.
  Result<Sourced<std::int64_t>> count_tokens(const TextRequest& request);
  /// The number of tokens in a text, without a template.
  Result<Sourced<std::int64_t>> count_tokens(std::string_view model, std::string_view text,
                                             std::stop_token stop = {});

  /// As the provider's functions, for any name that ModelRegistry resolves; an alias adds its load settings.
  Result<LoadedModel> load_model(std::string_view name, LoadSettings settings = {},
                                 const LoadCallback& on_event = {}, std::stop_token stop = {});
  Result<std::vector<std::string>> unload_model(std::string_view name, std::stop_token stop = {});
  Result<ModelStatus> model_status(std::string_view name, std::stop_token stop = {});
  Result<MemoryEstimate> estimate_load(std::string_view name, LoadSettings settings = {},
                                       std::stop_token stop = {});
  /// The models in memory of every provider that manages models.
  LoadedListing loaded_models(std::stop_token stop = {});
  /// What this runtime keeps in memory, what waits for it, and why its last models were loaded and unloaded.
  /// Asks no server.
  MemoryReport explain() const;

  /// Reads the file again, and goes on with what it says now. Everything is checked first, and made; if
  /// anything fails, nothing has changed. What the file leaves as it was is not touched: providers keep their
  /// connections and servers, models stay in memory, monitors and tools go on. Requests that run end as they
  /// began; so do streams. A model leaves when no request uses it if its provider is gone or made anew, or if
  /// it was loaded with settings that no entry for it has any more; new ones are preloaded if the runtime was
  /// opened so. The selected model stays selected unless it was an alias that is gone. Plugins that are
  /// loaded stay as they are, also if their files have changed. Fails as `open` does, and with
  /// `invalid_argument` for a runtime that was not made from a file.
  Result<Reload> reload();
  /// What `reload` would do now; changes nothing.
  Result<Reload> plan_reload();

  /// The provider with that id; `config_invalid` if the config has none.
  Result<ProviderHandle> provider(std::string_view id) const;
  std::vector<std::string> provider_ids() const;
  /// The tool with that id in the config's `tools`; `config_invalid` if there is none.
  Result<std::shared_ptr<Tool>> tool(std::string_view id) const;

  ModelRegistry& models();
  PluginRegistry& plugins();
  /// As it holds now.
  Config config() const;

 private:
  friend struct ModelSelector;
  friend class BatchWorker;
  friend class UsageMonitor;
  explicit Runtime(std::shared_ptr<RuntimeParts> parts);
  static Result<Runtime> make(Config config, PluginRegistry plugins);
  std::shared_ptr<RuntimeParts> parts_;
};

TACHIKOMA_API Value to_value(const Error& error);

}  // namespace tachikoma
