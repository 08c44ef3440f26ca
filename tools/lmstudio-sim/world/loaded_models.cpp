// SPDX-License-Identifier: MIT
#include "world/loaded_models.hpp"

#include <algorithm>

namespace lmstudio_sim {

using SystemClock = std::chrono::system_clock;

namespace {

NotServed load_failed(const ModelSpec& model, const std::string& why) {
  return {NotServed::Reason::load_failed, "Failed to load model \"" + model.key + "\". Error: " + why};
}

}  // namespace

LoadedModels::LoadedModels(const Script& script, const Library& library)
    : script_(script), library_(library) {
  reset();
}

void LoadedModels::reset() {
  const std::lock_guard lock(mutex_);
  instances_.clear();
  const auto now = SystemClock::now();  // the same for all of them: clients sort by it
  for (const ModelSpec& model : script_.models) {
    if (!model.loaded) continue;
    Instance& instance = add(model, {}, effective_settings(script_, model, {}));
    instance.ready_at = {};
    instance.last_used = now;
  }
}

// Removes instances whose ttl has passed. Needs the lock, as do all functions below that don't take it.
void LoadedModels::expire() const {
  const auto now = SystemClock::now();
  std::erase_if(instances_, [&](const Instance& each) {
    return each.ttl && each.ready() && !each.busy() && each.last_used + *each.ttl <= now;
  });
}

std::vector<Instance> LoadedModels::instances() const {
  const std::lock_guard lock(mutex_);
  expire();
  return instances_;
}

std::optional<Instance> LoadedModels::find(std::string_view reference) const {
  const std::lock_guard lock(mutex_);
  expire();
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  return found == instances_.end() ? std::nullopt : std::optional(*found);
}

bool LoadedModels::has(std::string_view reference) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(instances_, reference, &Instance::reference) != instances_.end();
}

const Instance* LoadedModels::only_language_model() const {
  const Instance* only = nullptr;
  for (const Instance& instance : instances_) {
    if (library_.find_offer(instance.key)->type == "embedding") continue;
    if (only) return nullptr;
    only = &instance;
  }
  return only;
}

bool LoadedModels::is_taken(std::string_view id) const {
  return std::ranges::find(instances_, id, &Instance::id) != instances_.end();
}

std::string LoadedModels::free_id(std::string_view key) const {
  std::string id(key);
  for (int number = 2; is_taken(id); ++number) id = std::string(key) + ":" + std::to_string(number);
  return id;
}

bool LoadedModels::fits(const MemoryNeed& need) const {
  std::int64_t used = 0;
  for (const Instance& each : instances_)
    used += memory_need(*library_.find_offer(each.key), each.settings).total();
  return used + need.total() <= script_.memory_bytes;
}

Instance& LoadedModels::add(const ModelSpec& model, const LoadOptions& options, JsonValue settings) {
  Instance instance;
  instance.id = options.identifier.value_or(free_id(model.key));
  instance.key = model.key;
  instance.reference = "sim-" + std::to_string(next_++);
  instance.context_length = context_of(model, settings);
  instance.settings = std::move(settings);
  instance.ready_at = std::chrono::steady_clock::now() + model.load_time;
  instance.jit = options.jit;
  instance.ttl = options.ttl;
  if (options.jit && !options.ttl) instance.ttl = script_.jit_ttl;
  instance.last_used = SystemClock::now() + model.load_time;
  return instances_.emplace_back(std::move(instance));
}

NotServed LoadedModels::unknown(std::string_view name) const {
  std::string choices;
  for (const ModelSpec* model : library_.models()) choices += (choices.empty() ? "" : ", ") + model->key;
  return {NotServed::Reason::unknown_model, "Invalid model identifier \"" + std::string(name) +
                                                "\". Please specify a valid downloaded model (e.g., " +
                                                choices + ")."};
}

// At most one model that a request loaded stays in memory, as in LM Studio: the next one evicts it.
std::variant<Served, NotServed> LoadedModels::load_for_request(const ModelSpec& model, LoadOptions options) {
  std::erase_if(instances_, [](const Instance& instance) { return instance.jit && instance.ready(); });
  if (options.context_length)
    options.settings = JsonValue::object(
        {{"llm.load.llama.autoFit", false}, {"llm.load.contextLength", *options.context_length}});
  JsonValue settings = effective_settings(script_, model, options.settings);
  const MemoryNeed need = memory_need(model, settings);
  if (!fits(need)) return load_failed(model, guardrail_text(need.total()));
  if (!model.load_error.empty()) return load_failed(model, model.load_error);
  options.jit = true;
  return Served{&model, add(model, options, std::move(settings)), true};
}

std::variant<Served, NotServed> LoadedModels::resolve(std::string_view name, const LoadOptions& options) {
  const std::lock_guard lock(mutex_);
  expire();
  for (const Instance& instance : instances_)
    if (instance.id == name) return Served{library_.find_offer(instance.key), instance};
  const ModelSpec* model = library_.find(name);
  if (model && (script_.jit || options.always)) return load_for_request(*model, options);
  if (!script_.strict_models)
    if (const Instance* only = only_language_model()) return Served{library_.find_offer(only->key), *only};
  if (instances_.empty() && !script_.jit)
    return NotServed{
        NotServed::Reason::none_loaded,
        "No models loaded. Please load a model in the developer page or use the 'lms load' command."};
  return unknown(name);
}

std::pair<MemoryNeed, bool> LoadedModels::estimate(const ModelSpec& model, const JsonValue& settings) const {
  const MemoryNeed need = memory_need(model, effective_settings(script_, model, settings));
  const std::lock_guard lock(mutex_);
  expire();
  return {need, fits(need)};
}

std::variant<Instance, LoadProblem> LoadedModels::start_load(const ModelSpec& model,
                                                             const LoadOptions& options) {
  const std::lock_guard lock(mutex_);
  expire();
  if (options.identifier && is_taken(*options.identifier)) return LoadProblem::identifier_taken;
  JsonValue settings = effective_settings(script_, model, options.settings);
  if (!fits(memory_need(model, settings))) return LoadProblem::memory;
  Instance& instance = add(model, options, std::move(settings));
  instance.loading = true;
  return instance;
}

std::optional<Instance> LoadedModels::finish_load(std::string_view reference) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  if (found == instances_.end()) return std::nullopt;
  found->loading = false;
  found->ready_at = std::chrono::steady_clock::now();
  found->last_used = SystemClock::now();
  return *found;
}

bool LoadedModels::unload(std::string_view reference) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(instances_, [&](const Instance& each) { return each.reference == reference; }) > 0;
}

std::vector<Instance> LoadedModels::evict() {
  const std::lock_guard lock(mutex_);
  expire();
  std::vector<Instance> gone;
  for (const Instance& each : instances_)
    if (each.jit && each.ready()) gone.push_back(each);
  std::erase_if(instances_, [](const Instance& each) { return each.jit && each.ready(); });
  return gone;
}

void LoadedModels::change(std::string_view reference, std::optional<Work> from, std::optional<Work> to) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  if (found == instances_.end()) return;
  if (from) --found->work[static_cast<std::size_t>(*from)];
  if (to) ++found->work[static_cast<std::size_t>(*to)];
  found->last_used = SystemClock::now();
}

LoadedModels::InstanceUse::InstanceUse(LoadedModels& models, std::string reference, Work work)
    : models_(&models), reference_(std::move(reference)), work_(work) {
  models_->change(reference_, std::nullopt, work_);
}

LoadedModels::InstanceUse::~InstanceUse() {
  if (models_) models_->change(reference_, work_, std::nullopt);
}

void LoadedModels::InstanceUse::become(Work work) {
  if (!models_ || work == work_) return;
  models_->change(reference_, work_, work);
  work_ = work;
}

void LoadedModels::InstanceUse::swap(InstanceUse& other) noexcept {
  std::swap(models_, other.models_);
  std::swap(reference_, other.reference_);
  std::swap(work_, other.work_);
}

}  // namespace lmstudio_sim
