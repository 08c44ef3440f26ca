// SPDX-License-Identifier: MIT
#include "models/machine_models.hpp"

#include <system_error>
#include <utility>

#include "models/machine_limits.hpp"
#include "models/managed_server.hpp"
#include "models/memory_watch.hpp"

namespace tachikoma::models {
namespace {

/// How often the memory is looked at.
constexpr std::chrono::seconds kBetweenSamples{2};

}  // namespace

MachineModels::MachineModels(const MemoryConfig& memory, bool here, Timer& timer, const LogCallback& log)
    : policy_(memory.patience),
      here_(here),
      timer_(timer),
      log_(log),
      memory_(memory),
      scheduler(limits_anywhere(memory), policy_, *this, timer) {}

MachineModels::~MachineModels() {
  if (watch_) timer_.disarm(*watch_);
}

void MachineModels::configure(const MemoryConfig& memory) {
  policy_.set_patience(memory.patience);
  {
    const std::lock_guard lock(mutex_);
    memory_ = memory;
    ++configured_;
  }
  apply_limits();
}

void MachineModels::measure() {
  if (!here_) return;
  std::call_once(measured_, [this] {
    measures_ = true;
    apply_limits();
    watch();
    watch_ = timer_.arm(timer_.now() + kBetweenSamples, [this] {
      try {
        watcher_.run([this] { watch(); });
      } catch (const std::system_error&) {  // no thread for it now: the next time, perhaps
      }
      return timer_.now() + kBetweenSamples;
    });
  });
}

// Whoever does it last does it with what is configured last.
void MachineModels::apply_limits() {
  std::uint64_t used = 0;
  do {
    used = configured_;
    const MemoryConfig memory = this->memory();
    const Schedule::Limits limits = measures_ ? limits_here(memory) : limits_anywhere(memory);
    {
      const std::lock_guard lock(mutex_);
      limits_ = limits;
    }
    scheduler.set_limits(limits);
  } while (used != configured_);
}

MemoryConfig MachineModels::memory() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}

Schedule::Limits MachineModels::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

// Below the headroom idle models leave, and loads wait; no model that somebody uses.
void MachineModels::watch() {
  const MemorySample sample = sample_memory();
  const Schedule::Limits limits = this->limits();
  const double kept_free = memory().headroom;
  scheduler.set_withheld([&](MemoryBytes known) { return withheld(sample, limits, kept_free, known); });
  const std::optional<std::string> why = shortage(sample, kept_free);
  if (why && !short_ && log_)
    log_(Severity::warning, "memory", *why + ": idle models are unloaded, and loads wait");
  short_ = why.has_value();
}

Resident& MachineModels::resident(ModelId model) {
  const std::lock_guard lock(mutex_);
  return *residents_[model];
}

std::vector<const Resident*> MachineModels::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<const Resident*> all;
  for (const auto& each : residents_) all.push_back(each.get());
  return all;
}

Resident& MachineModels::add(ManagedServer& server, const std::string& key, Schedule::Rules rules) {
  const std::lock_guard lock(mutex_);  // a load that is ordered at once waits until the model is known here
  const ModelId id = scheduler.add(std::move(rules));
  residents_.push_back(std::unique_ptr<Resident>(new Resident{.server = server, .key = key, .id = id}));
  return *residents_.back();
}

Result<ModelLoader::Loaded> MachineModels::load(ModelId model, std::stop_token stop) {
  Resident& loading = resident(model);
  return loading.server.load(loading, std::move(stop));
}

Status MachineModels::unload(ModelId model) {
  Resident& leaving = resident(model);
  return leaving.server.unload(leaving);
}

}  // namespace tachikoma::models
