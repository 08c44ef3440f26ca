// SPDX-License-Identifier: MIT
#include "models/model_library.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/kv_cache.hpp"
#include "base/try.hpp"
#include "config/model_library.hpp"

namespace tachikoma::models {
namespace {

Task read_task(std::string_view name) {
  for (const Task task : {Task::chat, Task::code, Task::reasoning, Task::creative})
    if (name == to_string(task)) return task;
  return Task::general;
}

LibraryModel read_library_model(const std::string& name, const Value& entry) {
  LibraryModel model{.name = name,
                     .released = entry["released"].as_integer(),
                     .parameters = entry["parameters"].as_real(),
                     .active_parameters = entry["active_parameters"].as_real(entry["parameters"].as_real()),
                     .layers = entry["layers"].as_integer(),
                     .kv_heads = entry["attention"]["kv_heads"].as_integer(),
                     .head_size = entry["attention"]["head_size"].as_integer(),
                     .window_tokens = entry["sliding_window"]["tokens"].as_integer(0),
                     .window_layers = entry["sliding_window"]["layers"].as_integer(0),
                     .context_length = entry["context_length"].as_integer(),
                     .download = std::string(entry["download"].as_string())};
  for (const Value& task : entry["tasks"].elements()) model.tasks.push_back(read_task(task.as_string()));
  for (const Member& size : entry["sizes"].members())
    model.sizes.push_back({size.key, size.value.as_integer()});
  std::stable_sort(model.sizes.begin(), model.sizes.end(),
                   [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  return model;
}

// "-qwen3-8b-gguf-" of "lmstudio-community/Qwen3-8B-GGUF": its words between dashes.
std::string words_of(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash != std::string_view::npos) key.remove_prefix(slash + 1);
  std::string words = "-" + base::to_lower(key) + "-";
  for (char& c : words)
    if (c == '_' || c == ' ' || c == '@' || c == ':') c = '-';
  return words;
}

// Keys and values of some layers. The model of a file's memory has room here for one of the library.
Sourced<std::int64_t> layers_bytes(const LibraryModel& model, std::int64_t layers, std::int64_t tokens) {
  base::GgufModel facts;
  facts.layers = layers;
  facts.kv_heads = {model.kv_heads};
  facts.key_length = facts.value_length = model.head_size;
  return base::kv_cache_bytes(facts, {.context = tokens, .sequences = 1});
}

}  // namespace

Sourced<std::int64_t> context_bytes(const LibraryModel& model, std::int64_t tokens) {
  Sourced<std::int64_t> whole = layers_bytes(model, model.layers - model.window_layers, tokens);
  const Sourced<std::int64_t> windows =
      layers_bytes(model, model.window_layers, std::min(tokens, model.window_tokens));
  if (!whole || !windows) return whole ? windows : whole;
  return {whole.value + windows.value, Source::estimated, "the model library's facts about " + model.name};
}

Result<ModelLibrary> ModelLibrary::read(const std::string& file) {
  TACHIKOMA_TRY(const Value text,
                file.empty() ? config::own_model_library() : config::read_model_library(file));
  ModelLibrary library;
  for (const Member& each : text["bits_per_weight"].members())
    library.bits_.emplace_back(each.key, each.value.as_real());
  for (const Member& each : text["models"].members())
    library.models_.push_back(read_library_model(each.key, each.value));
  return library;
}

const LibraryModel* ModelLibrary::find(std::string_view key) const {
  const std::string words = words_of(key);
  const LibraryModel* longest = nullptr;
  for (const LibraryModel& model : models_)
    if (words.find(words_of(model.name)) != std::string::npos &&
        (!longest || model.name.size() > longest->name.size()))
      longest = &model;
  return longest;
}

std::optional<double> ModelLibrary::bits_per_weight(std::string_view quantization) const {
  for (const auto& [name, bits] : bits_)
    if (base::same_ignoring_case(name, quantization)) return bits;
  return std::nullopt;
}

}  // namespace tachikoma::models
