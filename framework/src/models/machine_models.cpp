// SPDX-License-Identifier: MIT
#include <system_error>

#include "models/managed_server.hpp"
#include "models/memory_watch.hpp"

namespace tachikoma::models {
namespace {

/// How often the memory is looked at.
constexpr std::chrono::seconds kBetweenSamples{2};

}  // namespace

MachineModels::MachineModels(const MemoryConfig& memory, bool here, const SwitchPolicy& policy,
                             const calls::Providers& providers)
    : memory_(memory),
      here_(here),
      providers_(providers),
      scheduler(limits_anywhere(memory), policy, *this, providers.timer()) {}

MachineModels::~MachineModels() {
  if (watch_) providers_.timer().disarm(*watch_);
}

void MachineModels::measure() {
  if (!here_) return;
  std::call_once(measured_, [this] {
    limits_ = limits_here(memory_);
    scheduler.set_limits(limits_);
    watch();
    Timer& timer = providers_.timer();
    watch_ = timer.arm(timer.now() + kBetweenSamples, [this, &timer] {
      try {
        watcher_.run([this] { watch(); });
      } catch (const std::system_error&) {  // no thread for it now: the next time, perhaps
      }
      return timer.now() + kBetweenSamples;
    });
  });
}

// Below the headroom idle models leave, and loads wait; no model that somebody uses.
void MachineModels::watch() {
  const MemorySample sample = sample_memory();
  scheduler.set_withheld(
      [&](MemoryBytes known) { return withheld(sample, limits_, memory_.headroom, known); });
  const std::optional<std::string> why = shortage(sample, memory_.headroom);
  if (why && !short_ && providers_.log())
    providers_.log()(Severity::warning, "memory", *why + ": idle models are unloaded, and loads wait");
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
