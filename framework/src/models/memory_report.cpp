// SPDX-License-Identifier: MIT
// What a runtime can say of the models that it loads and unloads.
#include "tachikoma/memory_report.hpp"

#include <algorithm>

#include "base/sourced.hpp"
#include "models/machines.hpp"

namespace tachikoma::models {
namespace {

using Millis = std::chrono::milliseconds;

Millis in_ms(Timer::Clock::duration time) { return std::chrono::duration_cast<Millis>(time); }

Residence residence_of(Schedule::State state) {
  switch (state) {
    case Schedule::State::loading:
    case Schedule::State::cancelling: return Residence::loading;
    case Schedule::State::loaded: return Residence::loaded;
    case Schedule::State::unloading: return Residence::unloading;
    case Schedule::State::absent: break;
  }
  return Residence::absent;
}

ScheduledModel describe(const Resident& resident, const Schedule::Facts& facts,
                        Timer::Clock::time_point now) {
  const ManagedServer& server = resident.server;
  ScheduledModel model{.provider = server.provider(),
                       .endpoint = server.url(),
                       .key = resident.key,
                       .residence = residence_of(facts.state),
                       .foreign = facts.foreign,
                       .pinned = facts.pinned,
                       .leases = facts.leases,
                       .waiting = facts.waiting,
                       .ttl = in_ms(facts.ttl),
                       .min_residence = in_ms(facts.min_residence)};
  if (facts.needs) {
    const Source source = facts.measured ? Source::measured : Source::estimated;
    const std::string basis =
        facts.measured ? "by its server, after it was loaded" : "from its file and settings";
    model.ram_bytes = {facts.needs->ram, source, basis};
    model.vram_bytes = {facts.needs->vram, source, basis};
  } else {
    model.ram_bytes = model.vram_bytes = base::unknown("its server does not say what it takes");
  }
  if (facts.state == Schedule::State::loaded) {
    model.in_memory_for = {in_ms(now - facts.loaded_at), Source::measured, "since this program knows of it"};
    model.unused_for = {facts.leases > 0 ? Millis(0) : in_ms(now - facts.last_used), Source::measured,
                        "by this program"};
  } else {
    model.in_memory_for.basis = model.unused_for.basis = "it is not in memory";
  }
  return model;
}

}  // namespace

MemoryReport Machines::explain() const {
  MemoryReport report;
  for (const MachineModels* const machine : all()) {
    const auto now = timer_.now();
    for (const Resident* each : machine->all())
      report.models.push_back(describe(*each, machine->scheduler.facts(each->id), now));
    for (Scheduler::Switch& each : machine->scheduler.switches()) {
      const Resident& resident = *machine->all()[each.model];
      report.switches.push_back({std::chrono::time_point_cast<std::chrono::system_clock::duration>(
                                     std::chrono::system_clock::now() - (now - each.at)),
                                 resident.server.provider(), resident.key, each.loaded,
                                 std::move(each.reason)});
    }
  }
  std::stable_sort(report.switches.begin(), report.switches.end(),
                   [](const ModelSwitch& a, const ModelSwitch& b) { return a.at < b.at; });
  return report;
}

}  // namespace tachikoma::models
