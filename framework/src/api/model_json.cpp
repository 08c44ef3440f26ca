// SPDX-License-Identifier: MIT
// The published JSON forms of models in memory (docs/json.md).
#include "base/lists.hpp"
#include "base/sourced_json.hpp"
#include "tachikoma/memory_report.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma {
namespace {

Value to_value(const std::vector<UnappliedSetting>& settings) {
  return base::array_of(settings, [](const UnappliedSetting& each) {
    return Value::object(
        {{"name", each.name}, {"asked", each.asked}, {"applied", each.applied}, {"reason", each.reason}});
  });
}

Value activity_value(const Sourced<Activity>& activity) {
  return sourced_value(Value(to_string(activity.value)), "", activity.source, activity.basis);
}

double in_seconds(std::chrono::duration<double> time) { return time.count(); }

Value to_value(const ScheduledModel& model) {
  return Value::object({{"provider", model.provider},
                        {"endpoint", model.endpoint.empty() ? Value() : Value(model.endpoint)},
                        {"key", model.key},
                        {"residence", to_string(model.residence)},
                        {"foreign", model.foreign},
                        {"pinned", model.pinned},
                        {"leases", static_cast<std::int64_t>(model.leases)},
                        {"waiting", static_cast<std::int64_t>(model.waiting)},
                        {"ram_bytes", sourced_value(model.ram_bytes, "bytes")},
                        {"vram_bytes", sourced_value(model.vram_bytes, "bytes")},
                        {"in_memory_for", sourced_value(model.in_memory_for)},
                        {"unused_for", sourced_value(model.unused_for)},
                        {"ttl", in_seconds(model.ttl)},
                        {"min_residence", in_seconds(model.min_residence)}});
}

Value to_value(const ModelSwitch& change) {
  return Value::object({{"at", in_seconds(change.at.time_since_epoch())},
                        {"provider", change.provider},
                        {"key", change.key},
                        {"loaded", change.loaded},
                        {"reason", change.reason}});
}

}  // namespace

Value to_value(const MemoryReport& report) {
  return Value::object(
      {{"models", base::array_of(report.models, [](const ScheduledModel& each) { return to_value(each); })},
       {"switches",
        base::array_of(report.switches, [](const ModelSwitch& each) { return to_value(each); })}});
}

Value to_value(const LoadedModel& model) {
  return Value::object({{"key", model.key},
                        {"instance", model.instance},
                        {"surface", model.surface},
                        {"applied", to_value(model.applied)},
                        {"unapplied", to_value(model.unapplied)},
                        {"load_time", sourced_value(model.load_time)},
                        {"notices", base::array_of(model.notices)},
                        {"extra", model.extra}});
}

Value to_value(const ModelStatus& status) {
  return Value::object(
      {{"key", status.key},
       {"instance", status.instance.empty() ? Value() : Value(status.instance)},
       {"state", to_string(status.state)},
       {"context_length", sourced_value(status.context_length, "tokens")},
       {"gpu_layers", sourced_value(status.gpu_layers, "layers")},
       {"total_layers", sourced_value(status.total_layers, "layers")},
       {"memory_bytes", sourced_value(status.memory_bytes, "bytes")},
       {"vram_bytes", sourced_value(status.vram_bytes, "bytes")},
       {"activity", activity_value(status.activity)},
       {"queued", sourced_value(status.queued, "requests")},
       {"ttl", sourced_value(status.ttl)},
       {"last_used", sourced_value(status.last_used)},
       {"tokens_per_second", sourced_value(status.tokens_per_second, "tokens/s")},
       {"prompt_tokens_per_second", sourced_value(status.prompt_tokens_per_second, "tokens/s")},
       {"config", to_value(status.config)},
       {"config_basis", status.config_basis},
       {"device", status.device.empty() ? Value() : Value(status.device)},
       {"extra", status.extra}});
}

Value to_value(const MemoryEstimate& estimate) {
  return Value::object({{"total_bytes", sourced_value(estimate.total_bytes, "bytes")},
                        {"vram_bytes", sourced_value(estimate.vram_bytes, "bytes")},
                        {"model_bytes", sourced_value(estimate.model_bytes, "bytes")},
                        {"context_bytes", sourced_value(estimate.context_bytes, "bytes")},
                        {"projector_bytes", sourced_value(estimate.projector_bytes, "bytes")},
                        {"compute_min_bytes", sourced_value(estimate.compute_min_bytes, "bytes")},
                        {"compute_max_bytes", sourced_value(estimate.compute_max_bytes, "bytes")},
                        {"fits", estimate.fits ? Value(*estimate.fits) : Value()},
                        {"confidence", estimate.confidence}});
}

Value to_value(const Hardware& hardware) {
  Value gpus = base::array_of(hardware.gpus, [](const Gpu& gpu) {
    return Value::object({{"name", gpu.name},
                          {"memory_bytes", sourced_value(gpu.memory_bytes, "bytes")},
                          {"free_bytes", sourced_value(gpu.free_bytes, "bytes")}});
  });
  return Value::object({{"ram_bytes", sourced_value(hardware.ram_bytes, "bytes")},
                        {"available_ram_bytes", sourced_value(hardware.available_ram_bytes, "bytes")},
                        {"vram_bytes", sourced_value(hardware.vram_bytes, "bytes")},
                        {"available_vram_bytes", sourced_value(hardware.available_vram_bytes, "bytes")},
                        {"gpus", std::move(gpus)},
                        {"engine", hardware.engine}});
}

}  // namespace tachikoma
