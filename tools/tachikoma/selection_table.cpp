// SPDX-License-Identifier: MIT
#include "selection_table.hpp"

#include <cmath>
#include <cstddef>
#include <optional>

#include "base/numbers.hpp"
#include "output.hpp"
#include "table.hpp"

namespace tachikoma::cli {
namespace {

void add_size(OptionSet& set, const std::string& name, std::optional<std::int64_t>& into, std::string help) {
  const auto take = [&into](const std::string& text) {
    into = read_size(text);
    return into.has_value();
  };
  set.value(name, take, "a size such as 16GB or 512MiB", "SIZE", std::move(help));
}

// "20.9B", or "20.9B, 3.6B active"
std::string parameters_of(const RankedModel& model) {
  if (!model.parameters) return "-";
  const auto billions = [](double number) { return base::decimal(number / 1e9) + "B"; };
  std::string text =
      (model.parameters.source == Source::estimated ? "~" : "") + billions(model.parameters.value);
  if (model.active_parameters.value < model.parameters.value)
    text += ", " + billions(model.active_parameters.value) + " active";
  return text;
}

std::string state_of(const RankedModel& model) {
  if (!model.listed) return "to download";
  return model.loaded ? "loaded" : "not_loaded";
}

}  // namespace

void add_memory_options(OptionSet& set, Options& options) {
  add_size(set, "--ram", options.selector.max_ram, "The RAM to choose for, instead of the server's");
  add_size(set, "--vram", options.selector.max_vram, "The memory of its GPUs, likewise");
  set.count("--context", options.context, 1, "The context to have room for, in tokens; 8192");
}

ModelSelector selector_of(const Options& options) {
  ModelSelector selector = options.selector;
  if (options.context) selector.context_length = *options.context;
  return selector;
}

std::string place_of(const RankedModel& model) {
  if (!model.required_bytes || !model.on_gpus_bytes) return "-";
  if (model.on_gpus_bytes.value == 0) return "RAM";
  return model.on_gpus_bytes.value < model.required_bytes.value ? "GPUs and RAM" : "GPUs";
}

std::string selection_table(const std::vector<RankedModel>& models, std::size_t room) {
  std::vector<std::vector<std::string>> rows{{"MODEL", "QUANTIZATION", "NEEDS", "IN", "PARAMETERS", "STATE"}};
  for (const RankedModel& each : models)
    rows.push_back({each.name, each.quantization.empty() ? "-" : each.quantization,
                    cell(each.required_bytes, format_bytes), place_of(each), parameters_of(each),
                    state_of(each)});
  return table(rows, {.right = {2}, .names = {0}, .optional = {4, 1, 3, 5}}, room);
}

std::string room_line(const MemoryBudget& budget) {
  std::string text = budget.provider + ": " +
                     (budget.ram_bytes ? format_bytes(budget.ram_bytes.value) : "unknown") + " of RAM";
  if (!budget.vram_bytes)
    text += " to spare; the memory of its GPUs is not known (" + budget.vram_bytes.basis + ")";
  else if (budget.vram_bytes.value > 0)
    text += " and " + format_bytes(budget.vram_bytes.value) + " of GPU memory to spare";
  else
    text += " to spare, no GPU memory";
  return text;
}

}  // namespace tachikoma::cli
