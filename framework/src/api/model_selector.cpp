// SPDX-License-Identifier: MIT
#include "tachikoma/model_selector.hpp"

#include <utility>

#include "api/runtime_parts.hpp"
#include "base/lists.hpp"
#include "base/sourced_json.hpp"
#include "base/try.hpp"
#include "models/selection.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {

Result<Selection> ModelSelector::rank(Task task, const ProviderHandle& provider, std::stop_token stop) const {
  const PartsInUse parts = provider.parts_->use();
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const one, parts->providers.find(provider.id()));
  return models::select({parts->management, parts->providers}, {one}, *this, task, std::move(stop));
}

Result<Selection> ModelSelector::rank(Task task, const Runtime& runtime, std::stop_token stop) const {
  const PartsInUse parts = runtime.parts_->use();
  std::vector<const calls::ConfiguredProvider*> all;
  for (const calls::ConfiguredProvider& each : parts->providers.all()) all.push_back(&each);
  return models::select({parts->management, parts->providers}, all, *this, task, std::move(stop));
}

Result<RankedModel> ModelSelector::recommend(Task task, const ProviderHandle& provider,
                                             std::stop_token stop) const {
  TACHIKOMA_TRY(const Selection selection, rank(task, provider, std::move(stop)));
  return selection.best();
}

Result<RankedModel> ModelSelector::recommend(Task task, const Runtime& runtime, std::stop_token stop) const {
  TACHIKOMA_TRY(const Selection selection, rank(task, runtime, std::move(stop)));
  return selection.best();
}

Value to_value(const RankedModel& model) {
  const auto text = [](const std::string& known) { return known.empty() ? Value() : Value(known); };
  return Value::object({{"name", model.name},
                        {"provider", model.provider},
                        {"listed", model.listed},
                        {"loaded", model.loaded},
                        {"download", text(model.download)},
                        {"quantization", text(model.quantization)},
                        {"reason", model.reason},
                        {"required_bytes", sourced_value(model.required_bytes, "bytes")},
                        {"context_length", sourced_value(model.context_length, "tokens")},
                        {"on_gpus_bytes", sourced_value(model.on_gpus_bytes, "bytes")},
                        {"bytes_per_token", sourced_value(model.bytes_per_token, "bytes")},
                        {"parameters", sourced_value(model.parameters, "parameters")},
                        {"active_parameters", sourced_value(model.active_parameters, "parameters")}});
}

Value to_value(const Selection& selection) {
  Value budgets = base::array_of(selection.budgets, [](const MemoryBudget& budget) {
    return Value::object({{"provider", budget.provider},
                          {"ram_bytes", sourced_value(budget.ram_bytes, "bytes")},
                          {"vram_bytes", sourced_value(budget.vram_bytes, "bytes")},
                          {"available_ram_bytes", sourced_value(budget.available_ram_bytes, "bytes")}});
  });
  const auto model = [](const RankedModel& each) { return to_value(each); };
  return Value::object({{"task", to_string(selection.task)},
                        {"speed", to_string(selection.speed)},
                        {"headroom", selection.headroom},
                        {"budgets", std::move(budgets)},
                        {"ranked", base::array_of(selection.ranked, model)},
                        {"too_large", base::array_of(selection.too_large, model)}});
}

}  // namespace tachikoma
