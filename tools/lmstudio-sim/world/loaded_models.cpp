// SPDX-License-Identifier: MIT
#include "world/loaded_models.hpp"

#include <algorithm>
#include <iterator>

namespace lmstudio_sim {

using Clock = std::chrono::steady_clock;
using SystemClock = std::chrono::system_clock;

namespace {

// How long an unload, or the end of what is held, may go unnoticed.
constexpr std::chrono::milliseconds kNoticed{50};

bool contains(const std::vector<std::string>& keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

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
  held_ = script_.rules.hold;
  const auto now = SystemClock::now();  // the same for all of them: clients sort by it
  for (const ModelSpec& model : script_.models) {
    if (!model.loaded) continue;
    Instance& instance = add(model, {}, effective_settings(script_, model, {}));
    instance.ready_at = {};
    instance.held = false;
    instance.last_used = now;
  }
}

// Unloads what was not used for its ttl. Needs the lock, as do all functions below that don't take it.
void LoadedModels::expire() const {
  const auto now = SystemClock::now();
  const auto is_over = [&](const Instance& each) {
    return each.ttl && each.ready() && !each.busy() && each.last_used + *each.ttl <= now;
  };
  if (script_.expiry_frees) {
    std::erase_if(instances_, is_over);
    return;
  }
  for (Instance& each : instances_) {
    if (!is_over(each)) continue;
    each.expired = true;
    each.jit = false;  // nothing evicts it
    each.ttl.reset();
  }
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

std::optional<bool> LoadedModels::is_held(std::string_view reference, Part part) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  if (found == instances_.end()) return std::nullopt;
  return part == Part::load ? found->held : part == Part::later_token && contains(held_.answers, found->key);
}

bool LoadedModels::wait(std::string_view reference, Part part, std::chrono::microseconds time,
                        const Waiter& waiter) const {
  const auto end = Clock::now() + time;
  std::chrono::microseconds step = time;
  while (waiter(std::clamp<std::chrono::microseconds>(step, std::chrono::microseconds(0), kNoticed))) {
    const std::optional<bool> held = is_held(reference, part);
    if (!held) return true;
    step = std::chrono::ceil<std::chrono::microseconds>(end - Clock::now());
    if (!*held && step.count() <= 0) return true;
    if (*held) step = kNoticed;
  }
  return false;
}

void LoadedModels::hold(Held held) {
  const std::lock_guard lock(mutex_);
  held_ = std::move(held);
  for (Instance& each : instances_) {
    if (each.ready()) continue;
    each.held = contains(held_.loads, each.key);
    if (each.ready()) each.last_used = SystemClock::now();
  }
}

void LoadedModels::age(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  for (Instance& each : instances_)
    if (each.ready() && !each.busy()) each.last_used -= time;
  expire();
}

// The instance with that id; when it has expired, another one of its model.
const Instance* LoadedModels::find_serving(std::string_view name) const {
  const auto named = std::ranges::find(instances_, name, &Instance::id);
  if (named == instances_.end()) return nullptr;
  if (!named->expired) return &*named;
  const auto other = std::ranges::find_if(
      instances_, [&](const Instance& each) { return each.key == named->key && !each.expired; });
  return other == instances_.end() ? nullptr : &*other;
}

const Instance* LoadedModels::only_language_model() const {
  const Instance* only = nullptr;
  for (const Instance& instance : instances_) {
    if (instance.expired || library_.find_offer(instance.key)->type == "embedding") continue;
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
  instance.ready_at = Clock::now() + model.load_time;
  instance.held = contains(held_.loads, model.key);
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

// At most one model that a request loaded stays in memory, as in LM Studio: the next one evicts it, also in
// the middle of an answer.
std::vector<Instance> LoadedModels::evict_locked() {
  std::vector<Instance> gone;
  if (!script_.auto_evict) return gone;
  const auto goes = [](const Instance& each) { return each.jit && each.ready(); };
  std::ranges::copy_if(instances_, std::back_inserter(gone), goes);
  std::erase_if(instances_, goes);
  return gone;
}

std::variant<Served, NotServed> LoadedModels::load_for_request(const ModelSpec& model, LoadOptions options) {
  evict_locked();
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
  const ModelSpec* model = library_.find(name);
  const bool may_load = model && (script_.jit || options.always);
  const Instance* named = find_serving(name);
  if (named && (named->ready() || script_.joins_loads || !may_load))
    return Served{library_.find_offer(named->key), *named};
  if (may_load) return load_for_request(*model, options);
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
  found->loading = found->held = false;
  found->ready_at = Clock::now();
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
  return evict_locked();
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
