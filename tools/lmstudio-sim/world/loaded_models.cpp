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

World::World(const Script& script, const Library& library) : script_(script), library_(library) { reset(); }

void World::reset() {
  const std::lock_guard lock(mutex_);
  instances_.clear();
  const auto now = SystemClock::now();  // one time for all: clients sort by it
  for (const ModelSpec& model : script_.models) {
    if (!model.loaded) continue;
    Instance& instance = add(model, {}, effective_settings(script_, model, {}));
    instance.ready_at = {};
    instance.last_used = now;
  }
}

// With the lock held, as every function below that does not take it. Unused for its time, an instance goes.
void World::expire() const {
  const auto now = SystemClock::now();
  std::erase_if(instances_, [&](const Instance& each) {
    return each.ttl && each.ready() && !each.busy() && each.last_used + *each.ttl <= now;
  });
}

std::vector<Instance> World::instances() const {
  const std::lock_guard lock(mutex_);
  expire();
  return instances_;
}

std::optional<Instance> World::find(std::string_view reference) const {
  const std::lock_guard lock(mutex_);
  expire();
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  return found == instances_.end() ? std::nullopt : std::optional(*found);
}

bool World::has(std::string_view reference) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(instances_, reference, &Instance::reference) != instances_.end();
}

const Instance* World::only_language_model() const {
  const Instance* only = nullptr;
  for (const Instance& instance : instances_) {
    if (library_.find_offer(instance.key)->type == "embedding") continue;
    if (only) return nullptr;
    only = &instance;
  }
  return only;
}

bool World::is_taken(std::string_view id) const {
  return std::ranges::find(instances_, id, &Instance::id) != instances_.end();
}

std::string World::free_id(std::string_view key) const {
  std::string id(key);
  for (int number = 2; is_taken(id); ++number) id = std::string(key) + ":" + std::to_string(number);
  return id;
}

bool World::fits(const MemoryNeed& need) const {
  std::int64_t used = 0;
  for (const Instance& each : instances_)
    used += memory_need(*library_.find_offer(each.key), each.settings).total();
  return used + need.total() <= script_.memory_bytes;
}

Instance& World::add(const ModelSpec& model, const LoadWish& wish, JsonValue settings) {
  Instance instance;
  instance.id = wish.identifier.value_or(free_id(model.key));
  instance.key = model.key;
  instance.reference = "sim-" + std::to_string(next_++);
  instance.context_length = context_of(model, settings);
  instance.settings = std::move(settings);
  instance.ready_at = std::chrono::steady_clock::now() + model.load_time;
  instance.jit = wish.jit;
  instance.ttl = wish.ttl;
  if (wish.jit && !wish.ttl) instance.ttl = script_.jit_ttl;
  instance.last_used = SystemClock::now() + model.load_time;
  return instances_.emplace_back(std::move(instance));
}

NotServed World::unknown(std::string_view name) const {
  std::string choices;
  for (const ModelSpec* model : library_.models()) choices += (choices.empty() ? "" : ", ") + model->key;
  return {NotServed::Reason::unknown_model, "Invalid model identifier \"" + std::string(name) +
                                                "\". Please specify a valid downloaded model (e.g., " +
                                                choices + ")."};
}

// One model that a request loaded stays at most, as in LM Studio: the next evicts it.
std::variant<Served, NotServed> World::load_for_request(const ModelSpec& model, LoadWish wish) {
  std::erase_if(instances_, [](const Instance& instance) { return instance.jit && instance.ready(); });
  if (wish.context_length)
    wish.settings = JsonValue::object(
        {{"llm.load.llama.autoFit", false}, {"llm.load.contextLength", *wish.context_length}});
  JsonValue settings = effective_settings(script_, model, wish.settings);
  const MemoryNeed need = memory_need(model, settings);
  if (!fits(need)) return load_failed(model, guardrail_text(need.total()));
  if (!model.load_error.empty()) return load_failed(model, model.load_error);
  wish.jit = true;
  return Served{&model, add(model, wish, std::move(settings)), true};
}

std::variant<Served, NotServed> World::resolve(std::string_view name, const LoadWish& wish) {
  const std::lock_guard lock(mutex_);
  expire();
  for (const Instance& instance : instances_)
    if (instance.id == name) return Served{library_.find_offer(instance.key), instance};
  const ModelSpec* model = library_.find(name);
  if (model && (script_.jit || wish.always)) return load_for_request(*model, wish);
  if (!script_.strict_models)
    if (const Instance* only = only_language_model()) return Served{library_.find_offer(only->key), *only};
  if (instances_.empty() && !script_.jit)
    return NotServed{
        NotServed::Reason::none_loaded,
        "No models loaded. Please load a model in the developer page or use the 'lms load' command."};
  return unknown(name);
}

std::pair<MemoryNeed, bool> World::estimate(const ModelSpec& model, const JsonValue& settings) const {
  const MemoryNeed need = memory_need(model, effective_settings(script_, model, settings));
  const std::lock_guard lock(mutex_);
  expire();
  return {need, fits(need)};
}

std::variant<Instance, LoadProblem> World::start_load(const ModelSpec& model, const LoadWish& wish) {
  const std::lock_guard lock(mutex_);
  expire();
  if (wish.identifier && is_taken(*wish.identifier)) return LoadProblem::identifier_taken;
  JsonValue settings = effective_settings(script_, model, wish.settings);
  if (!fits(memory_need(model, settings))) return LoadProblem::memory;
  Instance& instance = add(model, wish, std::move(settings));
  instance.loading = true;
  return instance;
}

std::optional<Instance> World::finish_load(std::string_view reference) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  if (found == instances_.end()) return std::nullopt;
  found->loading = false;
  found->ready_at = std::chrono::steady_clock::now();
  found->last_used = SystemClock::now();
  return *found;
}

bool World::unload(std::string_view reference) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(instances_, [&](const Instance& each) { return each.reference == reference; }) > 0;
}

std::vector<Instance> World::evict() {
  const std::lock_guard lock(mutex_);
  expire();
  std::vector<Instance> gone;
  for (const Instance& each : instances_)
    if (each.jit && each.ready()) gone.push_back(each);
  std::erase_if(instances_, [](const Instance& each) { return each.jit && each.ready(); });
  return gone;
}

void World::change(std::string_view reference, std::optional<Work> from, std::optional<Work> to) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(instances_, reference, &Instance::reference);
  if (found == instances_.end()) return;
  if (from) --found->work[static_cast<std::size_t>(*from)];
  if (to) ++found->work[static_cast<std::size_t>(*to)];
  found->last_used = SystemClock::now();
}

World::Task::Task(World& world, std::string reference, Work work)
    : world_(&world), reference_(std::move(reference)), work_(work) {
  world_->change(reference_, std::nullopt, work_);
}

World::Task::~Task() {
  if (world_) world_->change(reference_, work_, std::nullopt);
}

void World::Task::become(Work work) {
  if (!world_ || work == work_) return;
  world_->change(reference_, work_, work);
  work_ = work;
}

void World::Task::swap(Task& other) noexcept {
  std::swap(world_, other.world_);
  std::swap(reference_, other.reference_);
  std::swap(work_, other.work_);
}

}  // namespace lmstudio_sim
