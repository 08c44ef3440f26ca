// SPDX-License-Identifier: MIT
#include "plugins/contract.hpp"

#include <cmath>
#include <optional>
#include <string_view>

namespace tachikoma::plugins {
namespace {

/// The first value that violates the contract.
class Breach {
 public:
  /// `last` is the enumeration's last value.
  template <class E>
  Breach& known(std::string_view what, E value, E last) {
    return value > last ? report(what, std::to_string(static_cast<int>(value))) : *this;
  }
  /// A count, a size, a time or a speed.
  Breach& figure(std::string_view what, double value) {
    return std::isfinite(value) && value >= 0 ? *this : report(what, std::to_string(value));
  }
  Breach& figure(std::string_view what, std::int64_t value) {
    return value >= 0 ? *this : report(what, std::to_string(value));
  }
  Breach& figure(std::string_view what, std::chrono::milliseconds value) {
    return figure(what, static_cast<std::int64_t>(value.count()));
  }
  template <class T>
  Breach& figure(std::string_view what, const std::optional<T>& value) {
    return value ? figure(what, *value) : *this;
  }
  template <class T>
  Breach& figure(std::string_view what, const Sourced<T>& value) {
    if (value.source > Source::estimated)
      known("source of " + std::string(what), value.source, Source::estimated);
    return value ? figure(what, value.value) : *this;
  }
  Breach& figure(const Usage& usage) {
    return figure("number of prompt tokens", usage.prompt_tokens)
        .figure("number of cached tokens", usage.cached_tokens)
        .figure("number of completion tokens", usage.completion_tokens)
        .figure("number of reasoning tokens", usage.reasoning_tokens);
  }
  Breach& settings(const LoadSettings& settings) {
    if (settings.gpu_layers) known("kind of gpu_layers", settings.gpu_layers->kind, GpuLayers::Kind::ratio);
    if (settings.gpu_split_mode) known("gpu_split_mode", *settings.gpu_split_mode, SplitMode::none);
    if (settings.flash_attention)
      known("flash_attention", *settings.flash_attention, FlashAttention::automatic);
    return *this;
  }

  /// A name by which something is addressed.
  Breach& name(std::string_view what, const std::string& value) {
    if (value.empty() && text_.empty()) text_ = std::string(what);
    return *this;
  }

  std::string text() const { return text_; }

 private:
  Breach& report(std::string_view what, const std::string& value) {
    if (text_.empty()) text_ = "the " + std::string(what) + " " + value;
    return *this;
  }

  std::string text_;
};

}  // namespace

std::string breach(const Error& error) {
  return Breach().known("error code", error.code, ErrorCode::limit_exceeded).text();
}

std::string breach(const ChatEvent& event) {
  return Breach()
      .known("kind of event", event.kind, ChatEvent::Kind::notice)
      .known("channel", event.channel, Channel::final)
      .text();
}

std::string breach(const ChatOutcome& outcome) {
  return Breach()
      .known("finish", outcome.finish, Finish::unknown)
      .figure(outcome.usage)
      .figure("speed", outcome.tokens_per_second)
      .figure("prompt speed", outcome.prompt_tokens_per_second)
      .text();
}

std::string breach(const std::vector<ModelInfo>& models) {
  Breach found;
  for (const ModelInfo& model : models) {
    found.known("kind of model", model.kind, ModelKind::embedding)
        .known("state of model", model.state, ModelState::failed)
        .figure("size", model.size_bytes)
        .figure("maximum context length", model.max_context_length)
        .name("a model without a key", model.key);
    for (const ModelInstance& instance : model.instances)
      found.name("an instance without an id", instance.id).figure("context length", instance.context_length);
  }
  return found.text();
}

std::string breach(const Health& health) {
  return Breach().figure("number of loaded models", health.loaded_models).text();
}

std::string breach(const Embeddings& embeddings) {
  Breach found;
  found.figure(embeddings.usage);
  for (const std::vector<float>& vector : embeddings.vectors)
    for (const float value : vector)
      if (!std::isfinite(value)) found.figure("value of a vector", static_cast<double>(value));
  return found.text();
}

std::string breach(std::int64_t tokens) { return Breach().figure("number of tokens", tokens).text(); }

std::string breach(const LoadedModel& model) {
  return Breach()
      .settings(model.applied)
      .figure("load time", model.load_time)
      .name("a model without a key", model.key)
      .name("a model in memory without an instance", model.instance)
      .text();
}

std::string breach(const std::vector<ModelStatus>& models) {
  Breach found;
  for (const ModelStatus& model : models)
    found.known("state of model", model.state, ModelState::failed)
        .known("activity", model.activity.value, Activity::embedding)
        .known("source of activity", model.activity.source, Source::estimated)
        .settings(model.config)
        .settings(model.asked.value_or(LoadSettings{}))
        .figure("context length", model.context_length)
        .figure("number of GPU layers", model.gpu_layers)
        .figure("number of layers", model.total_layers)
        .figure("memory", model.memory_bytes)
        .figure("GPU memory", model.vram_bytes)
        .figure("number of queued requests", model.queued)
        .figure("ttl", model.ttl)
        .figure("time of last use", model.last_used)
        .figure("speed", model.tokens_per_second)
        .figure("prompt speed", model.prompt_tokens_per_second)
        .name("a model without a key", model.key);
  return found.text();
}

std::string breach(const MemoryEstimate& estimate) {
  return Breach()
      .figure("memory", estimate.total_bytes)
      .figure("GPU memory", estimate.vram_bytes)
      .figure("memory of the model", estimate.model_bytes)
      .figure("memory of the context", estimate.context_bytes)
      .figure("memory of the projector", estimate.projector_bytes)
      .figure("least memory for computing", estimate.compute_min_bytes)
      .figure("most memory for computing", estimate.compute_max_bytes)
      .text();
}

std::string breach(const DownloadProgress& progress) {
  return Breach()
      .figure("number of bytes", progress.done_bytes)
      .figure("size", progress.total_bytes)
      .figure("speed", progress.bytes_per_second)
      .text();
}

std::string breach(const Downloaded& model) { return Breach().figure("size", model.size_bytes).text(); }

std::string breach(const Hardware& hardware) {
  Breach found;
  found.figure("memory", hardware.ram_bytes)
      .figure("available memory", hardware.available_ram_bytes)
      .figure("GPU memory", hardware.vram_bytes)
      .figure("available GPU memory", hardware.available_vram_bytes);
  for (const Gpu& gpu : hardware.gpus)
    found.figure("memory of a GPU", gpu.memory_bytes).figure("free memory of a GPU", gpu.free_bytes);
  return found.text();
}

std::string breach(const std::vector<Finding>& findings) {
  Breach found;
  for (const Finding& finding : findings)
    found.known("severity", finding.severity, Severity::error)
        .known("error code", finding.code, ErrorCode::limit_exceeded)
        .known("scope", finding.scope, FindingScope::models);
  return found.text();
}

Error contract_error(const std::string& kind, const std::string& component, const std::string& plugin,
                     const std::string& what) {
  return Error(
      ErrorCode::plugin_fault, kind + " '" + component + "': plugin fault: " + what,
      "this call failed and the plugin stays loaded; report it to the author of plugin '" + plugin + "'",
      Value::object({{"plugin", plugin}, {"component", component}}));
}

}  // namespace tachikoma::plugins
