// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <algorithm>

namespace lmstudio_sim {
namespace {

// A model in memory takes a tenth more than its file: cache and buffers.
std::int64_t required_bytes(const ModelSpec& model) { return model.size_bytes + model.size_bytes / 10; }

}  // namespace

World::World(const Script& script) : script_(script) { reset(); }

std::vector<Instance> World::instances() const {
  const std::lock_guard lock(mutex_);
  return instances_;
}

void World::reset() {
  const std::lock_guard lock(mutex_);
  instances_.clear();
  for (const ModelSpec& model : script_.models)
    if (model.loaded) instances_.push_back({model.key, model.key, model.context_length, {}, false});
}

const ModelSpec* World::find_model(std::string_view key) const {
  const auto found = std::ranges::find(script_.models, key, &ModelSpec::key);
  return found == script_.models.end() ? nullptr : &*found;
}

const Instance* World::only_language_model() const {
  const Instance* only = nullptr;
  for (const Instance& instance : instances_) {
    if (find_model(instance.key)->type == "embedding") continue;
    if (only) return nullptr;
    only = &instance;
  }
  return only;
}

std::int64_t World::used_bytes() const {
  std::int64_t used = 0;
  for (const Instance& instance : instances_) used += required_bytes(*find_model(instance.key));
  return used;
}

WireError World::unknown(std::string_view name) const {
  std::string choices;
  for (const ModelSpec& model : script_.models) choices += (choices.empty() ? "" : ", ") + model.key;
  return model_error("Invalid model identifier \"" + std::string(name) +
                     "\". Please specify a valid downloaded model (e.g., " + choices + ").");
}

// With the lock held. One model that a request loaded stays at most, as in LM Studio: the next evicts it.
std::variant<Served, WireError> World::load_for_request(const ModelSpec& model, const LoadWish& wish) {
  std::erase_if(instances_, [](const Instance& instance) { return instance.jit && instance.ready(); });
  const std::int64_t required = required_bytes(model);
  if (used_bytes() + required > script_.memory_bytes) return load_error(model.key, guardrail_text(required));
  instances_.push_back({model.key, model.key, wish.context_length.value_or(model.context_length),
                        std::chrono::steady_clock::now() + model.load_time, true});
  return Served{&model, instances_.back(), true};
}

std::variant<Served, WireError> World::resolve(std::string_view name, const LoadWish& wish) {
  const std::lock_guard lock(mutex_);
  for (const Instance& instance : instances_)
    if (instance.id == name) return Served{find_model(instance.key), instance};
  const ModelSpec* model = find_model(name);
  if (model && (script_.jit || wish.always)) return load_for_request(*model, wish);
  if (!script_.strict_models)
    if (const Instance* only = only_language_model()) return Served{find_model(only->key), *only};
  if (instances_.empty() && !script_.jit)
    return model_error(
        "No models loaded. Please load a model in the developer page or use the 'lms load' command.");
  return unknown(name);
}

}  // namespace lmstudio_sim
