// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::testing {

/// A fake provider that manages models: contexts of up to `fitting_context` tokens fit. Each step can
/// be replaced. Thread-safe unless a step is replaced while it runs.
class FakeModelServer final : public Provider,
                              public ModelCatalog,
                              public ModelManager,
                              public ModelDownloader,
                              public HardwareSurvey,
                              public ServerLog {
 public:
  using Load = std::function<Result<LoadedModel>(const LoadRequest&, LoadSink&, const CallContext&)>;
  using Download =
      std::function<Result<Downloaded>(const DownloadRequest&, DownloadSink&, const CallContext&)>;
  using Follow = std::function<Status(ServerLogSink&, const CallContext&)>;

  explicit FakeModelServer(std::vector<std::string> keys = {"big/model", "small/model"}) {
    for (std::string& key : keys)
      models_.push_back({.key = std::move(key),
                         .kind = ModelKind::llm,
                         .max_context_length = {32768, Source::reported, "fake"}});
  }

  Load on_load = [this](const LoadRequest& request, LoadSink&, const CallContext&) { return keep(request); };
  std::function<Result<MemoryEstimate>(const LoadRequest&)> on_estimate = [](const LoadRequest&) {
    return Result<MemoryEstimate>(Error(ErrorCode::unsupported, "no estimates"));
  };
  std::function<Status(std::string_view)> on_unload = [this](std::string_view instance) {
    return drop(instance);
  };
  Download on_download = [](const DownloadRequest& request, DownloadSink&, const CallContext&) {
    return Result<Downloaded>(Downloaded{.name = request.name});
  };
  Follow on_follow = [](ServerLogSink&, const CallContext&) {
    return Status(Error(ErrorCode::unsupported, "no log"));
  };
  std::function<Result<ChatOutcome>()> on_chat = [] { return ChatOutcome{.finish = Finish::stop}; };
  std::function<Result<std::vector<ModelStatus>>()> on_loaded = [this] { return in_memory(); };
  std::function<void()> on_listed = [] {};  ///< when a list was made, before it is returned
  std::function<Result<bool>()> on_applies = [] { return Result<bool>(true); };
  std::int64_t fitting_context = 1'000'000;
  bool manages = true;
  bool owns = false;

  /// Adds a model to those in memory, as `load` does.
  Result<LoadedModel> keep(const LoadRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (request.settings.context_length.value_or(32768) > fitting_context)
      return Error(ErrorCode::insufficient_memory, "it does not fit", {},
                   Value::object({{"required_bytes", 2000}, {"available_bytes", 1000}}));
    const auto same = std::count_if(memory_.begin(), memory_.end(),
                                    [&](const ModelStatus& each) { return each.key == request.key; });
    std::string instance = same ? request.key + ":" + std::to_string(same + 1) : request.key;
    instance = request.settings.identifier.value_or(std::move(instance));
    Sourced<std::int64_t> context;
    if (request.settings.context_length)
      context = {*request.settings.context_length, Source::reported, "fake"};
    memory_.insert(memory_.begin(), {.key = request.key,
                                     .instance = instance,
                                     .state = ModelState::loaded,
                                     .context_length = context,
                                     .config = request.settings,
                                     .config_basis = "fake"});
    return LoadedModel{.key = request.key, .instance = instance, .applied = request.settings};
  }
  Status drop(std::string_view instance) {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(memory_, [&](const ModelStatus& each) { return each.instance == instance; }))
      return Done{};
    return Error(ErrorCode::model_not_found, "it is not in memory");
  }
  /// The requests to `load`, in order.
  std::vector<LoadRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<std::string> instances() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (const ModelStatus& each : memory_) ids.push_back(each.instance);
    return ids;
  }
  /// Models of the list in these states.
  void set_state(std::string_view key, ModelState state) {
    const std::lock_guard lock(mutex_);
    for (ModelInfo& info : models_)
      if (info.key == key) info.state = state;
  }

  /// What `list_models` returns.
  std::vector<ModelInfo> list() const {
    const std::lock_guard lock(mutex_);
    std::vector<ModelInfo> models = models_;
    for (ModelInfo& info : models) {
      for (const ModelStatus& each : memory_)
        if (each.key == info.key) info.instances.push_back({.id = each.instance});
      if (info.state == ModelState::unknown)
        info.state = info.instances.empty() ? ModelState::not_loaded : ModelState::loaded;
    }
    return models;
  }

  Result<ChatOutcome> chat(const ChatRequest&, ChatSink&, const CallContext&) override { return on_chat(); }
  Result<std::vector<ModelInfo>> list_models(const CallContext&) override {
    std::vector<ModelInfo> models = list();
    on_listed();
    return models;
  }
  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override {
    return on_load(request, sink, context);
  }
  Status unload(std::string_view instance, const CallContext&) override { return on_unload(instance); }
  Result<std::vector<ModelStatus>> loaded(const CallContext&) override { return on_loaded(); }
  Result<std::vector<ModelStatus>> in_memory() const {
    const std::lock_guard lock(mutex_);
    return memory_;
  }
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext&) override {
    return on_estimate(request);
  }
  Result<bool> applies_settings(const CallContext&) override { return on_applies(); }
  bool owns_its_models() const override { return owns; }
  Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                              const CallContext& context) override {
    return on_download(request, sink, context);
  }
  Result<Hardware> survey(const CallContext&) override {
    return Hardware{.ram_bytes = {64'000'000'000, Source::reported, "fake"}, .engine = "fake 1.0"};
  }
  Status follow(ServerLogSink& sink, const CallContext& context) override { return on_follow(sink, context); }
  void* capability(std::string_view id) override {
    if (!manages && id != ModelCatalog::kId) return nullptr;
    return capability_of<ModelCatalog, ModelManager, ModelDownloader, HardwareSurvey, ServerLog>(this, id);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ModelInfo> models_;
  std::vector<ModelStatus> memory_;
  std::vector<LoadRequest> requests_;
};

}  // namespace tachikoma::testing
