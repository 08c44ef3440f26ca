// SPDX-License-Identifier: MIT
#include "models/selection.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/machine_gpus.hpp"
#include "base/machine_memory.hpp"
#include "base/numbers.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "models/ranking.hpp"

namespace tachikoma::models {
namespace {

Status check(const ModelSelector& selector) {
  const auto wrong = [](const char* what, const char* expected) {
    return Error(ErrorCode::invalid_argument, std::string("ModelSelector: '") + what + "' is out of range",
                 std::string("give ") + expected);
  };
  if (!(selector.headroom >= 0 && selector.headroom < 1))
    return wrong("headroom", "a share from 0 to below 1");
  if (selector.context_length < 1) return wrong("context_length", "a number of tokens");
  if (selector.max_ram.value_or(0) < 0) return wrong("max_ram", "a number of bytes");
  if (selector.max_vram.value_or(0) < 0) return wrong("max_vram", "a number of bytes");
  return Done{};
}

// What the survey does not say of this machine, the machine says itself.
Hardware hardware_of(const SelectionSources& from, const calls::ConfiguredProvider& provider,
                     const std::stop_token& stop) {
  Result<Hardware> survey = from.management.hardware(provider, stop);
  Hardware hardware;
  if (survey)
    hardware = *std::move(survey);
  else
    hardware.ram_bytes.basis = hardware.vram_bytes.basis = survey.error().message;
  if (!provider.here) return hardware;
  const base::MachineMemory memory = base::read_whole_machine_memory();
  if (!hardware.ram_bytes) hardware.ram_bytes = memory.limit_bytes;
  if (!hardware.available_ram_bytes) hardware.available_ram_bytes = memory.available_bytes;
  if (!hardware.vram_bytes) hardware.vram_bytes = base::read_machine_gpus().memory_bytes;
  return hardware;
}

Sourced<std::int64_t> spared(const std::optional<std::int64_t>& given, Sourced<std::int64_t> found,
                             double headroom) {
  if (given) found = {*given, Source::reported, "as given"};
  if (!found) return found;
  found.value = static_cast<std::int64_t>(static_cast<double>(found.value) * (1 - headroom));
  found.basis += ", less the " + base::decimal(headroom * 100, 0) + " % that stay free";
  return found;
}

Result<MemoryBudget> budget_for(const SelectionSources& from, const calls::ConfiguredProvider& provider,
                                const ModelSelector& selector, const std::stop_token& stop) {
  const Hardware hardware = hardware_of(from, provider, stop);
  MemoryBudget budget{.provider = provider.id,
                      .ram_bytes = spared(selector.max_ram, hardware.ram_bytes, selector.headroom),
                      .vram_bytes = spared(selector.max_vram, hardware.vram_bytes, selector.headroom),
                      .available_ram_bytes = hardware.available_ram_bytes};
  if (selector.max_ram) budget.available_ram_bytes = base::unknown("the memory was given");
  if (budget.ram_bytes || budget.vram_bytes) return budget;
  return Error(
      ErrorCode::invalid_argument,
      "the memory of the machine of provider '" + provider.id + "' is not known: " + budget.ram_bytes.basis,
      "say how much there is: `--ram 32GB`, and `--vram 24GB` if it has a GPU");
}

/// Makes candidates of one provider's models.
class Candidates {
 public:
  Candidates(const SelectionSources& from, const ModelLibrary& library, const ModelSelector& selector,
             const std::stop_token& stop)
      : from_(from), library_(library), selector_(selector), stop_(stop) {}

  Candidate listed(const ModelInfo& info, const MemoryBudget& budget) const {
    Candidate made{.model = {.name = budget.provider + "::" + info.key,
                             .provider = budget.provider,
                             .listed = true,
                             .loaded = !info.instances.empty() || info.state == ModelState::loaded,
                             .quantization = info.quantization}};
    if (const LibraryModel* facts = library_.find(info.key)) made.facts = *facts;
    made.model.context_length = context_of(info, made.facts);
    made.weights_bytes = info.size_bytes;
    if (info.size_bytes && info.size_bytes.value > room_in(budget))
      take_file_alone(info, made);
    else
      estimate(info, made);
    describe(made);
    return made;
  }

  Candidate from_library(const LibraryModel& facts, const MemoryBudget& budget) const {
    const LibraryModel::Size& size = suitable_size(facts, budget, selector_.speed, selector_.context_length);
    const std::string basis = "the model library";
    Candidate made{.model = {.name = facts.name,
                             .provider = budget.provider,
                             .download = facts.download,
                             .quantization = size.quantization},
                   .weights_bytes = {size.bytes, Source::estimated, basis},
                   .facts = facts};
    made.model.context_length = {std::min(selector_.context_length, facts.context_length), Source::estimated,
                                 basis};
    made.model.required_bytes = with_context(made.weights_bytes, facts, made.model.context_length.value);
    describe(made);
    return made;
  }

 private:
  Sourced<std::int64_t> context_of(const ModelInfo& info, const std::optional<LibraryModel>& facts) const {
    std::int64_t tokens = selector_.context_length;
    if (info.max_context_length && info.max_context_length.value > 0)
      tokens = std::min(tokens, info.max_context_length.value);
    else if (facts)
      tokens = std::min(tokens, facts->context_length);
    return {tokens, Source::reported, "what the selector asks for, or the most that the model has"};
  }

  static Sourced<std::int64_t> with_context(const Sourced<std::int64_t>& weights, const LibraryModel& facts,
                                            std::int64_t tokens) {
    const Sourced<std::int64_t> context = context_bytes(facts, tokens);
    if (!weights || !context) return weights ? context : weights;
    return {weights.value + context.value, Source::estimated,
            weights.basis + ", and the context by " + context.basis};
  }

  static void take_file_alone(const ModelInfo& info, Candidate& made) {
    made.model.required_bytes = {info.size_bytes.value, Source::estimated,
                                 "the size of its file alone, without the context"};
    made.needs_more = true;
  }

  // What the server estimates; else by the library; else the file at least.
  void estimate(const ModelInfo& info, Candidate& made) const {
    LoadSettings settings;
    settings.context_length = made.model.context_length.value;
    Result<MemoryEstimate> estimate = from_.management.estimate(made.model.name, settings, stop_);
    if (estimate && estimate->model_bytes) made.weights_bytes = estimate->model_bytes;
    if (estimate && estimate->fits && !*estimate->fits) made.refused = "its server says that it does not fit";
    if (estimate && estimate->total_bytes) {
      made.model.required_bytes = estimate->total_bytes;
      return;
    }
    if (made.facts && info.size_bytes)
      made.model.required_bytes = with_context(info.size_bytes, *made.facts, made.model.context_length.value);
    else if (info.size_bytes)
      take_file_alone(info, made);
    else
      made.model.required_bytes =
          base::unknown(estimate ? estimate->total_bytes.basis : estimate.error().message);
  }

  // Its parameters, and what is read of it for each token.
  void describe(Candidate& made) const {
    RankedModel& model = made.model;
    if (made.facts) {
      const std::string basis = "the model library's facts about " + made.facts->name;
      model.parameters = {made.facts->parameters, Source::reported, basis};
      model.active_parameters = {made.facts->active_parameters, Source::reported, basis};
    } else if (const auto bits = library_.bits_per_weight(model.quantization); bits && made.weights_bytes) {
      model.parameters = {static_cast<double>(made.weights_bytes.value) * 8 / *bits, Source::estimated,
                          "its size, with the usual " + base::decimal(*bits, 2) +
                              " bits for each weight in " + model.quantization};
      model.active_parameters = model.parameters;
    } else {
      model.parameters.basis = model.active_parameters.basis = "the model library does not know it";
    }
    if (!model.parameters || !made.weights_bytes) {
      model.bytes_per_token.basis = model.parameters ? made.weights_bytes.basis : model.parameters.basis;
      return;
    }
    const double share = model.active_parameters.value / model.parameters.value;
    model.bytes_per_token = {std::llround(share * static_cast<double>(made.weights_bytes.value)),
                             Source::estimated, "the size of its weights and the share of active parameters"};
  }

  const SelectionSources& from_;
  const ModelLibrary& library_;
  const ModelSelector& selector_;
  const std::stop_token& stop_;
};

bool may_be_chosen(const ModelInfo& info) {
  return info.kind != ModelKind::embedding && info.state != ModelState::failed &&
         !info.extra["error"].is_string();
}

const MemoryBudget* largest(const std::vector<MemoryBudget>& budgets) {
  const auto found = std::max_element(budgets.begin(), budgets.end(),
                                      [](const auto& a, const auto& b) { return room_in(a) < room_in(b); });
  return found == budgets.end() ? nullptr : &*found;
}

}  // namespace

Result<Selection> select(const SelectionSources& sources,
                         const std::vector<const calls::ConfiguredProvider*>& providers,
                         const ModelSelector& selector, Task task, std::stop_token stop) {
  TACHIKOMA_TRY_STATUS(check(selector));
  TACHIKOMA_TRY(const ModelLibrary library, ModelLibrary::read(selector.library));
  Selection selection{.task = task, .speed = selector.speed, .headroom = selector.headroom};
  const Candidates candidates(sources, library, selector, stop);
  std::vector<Candidate> all;
  std::set<std::string, std::less<>> there;  // of the library
  const auto add = [&](const calls::ConfiguredProvider& provider) -> Status {
    TACHIKOMA_TRY(const std::vector<ModelInfo> models, sources.providers.list_models(provider, stop));
    TACHIKOMA_TRY(const MemoryBudget budget, budget_for(sources, provider, selector, stop));
    selection.budgets.push_back(budget);
    for (const ModelInfo& info : models) {
      if (!may_be_chosen(info)) continue;
      all.push_back(candidates.listed(info, budget));
      if (all.back().facts) there.insert(all.back().facts->name);
      if (stop.stop_requested()) return Error(ErrorCode::cancelled, "cancelled");
    }
    return Done{};
  };
  for (const calls::ConfiguredProvider* provider : providers) {
    const Status added = add(*provider);
    if (added) continue;
    if (providers.size() == 1 || added.error().code == ErrorCode::cancelled) return added.error();
    selection.failures.push_back({provider->id, added.error()});
  }
  if (selection.budgets.empty() && !selection.failures.empty()) return selection.failures.front().error;
  if (const MemoryBudget* budget = largest(selection.budgets))
    for (const LibraryModel& model : library.models())
      if (!there.contains(model.name)) all.push_back(candidates.from_library(model, *budget));
  return ranked(std::move(selection), std::move(all));
}

}  // namespace tachikoma::models

namespace tachikoma {

Result<RankedModel> Selection::best() const {
  if (!ranked.empty()) return ranked.front();
  Error error(
      ErrorCode::insufficient_memory, "no model fits into the memory to spare",
      "ask for a smaller context, lower the headroom, or say what there is with `--ram` and `--vram`");
  const auto smallest =
      std::min_element(too_large.begin(), too_large.end(), [](const RankedModel& a, const RankedModel& b) {
        return a.required_bytes.value < b.required_bytes.value;
      });
  if (smallest == too_large.end()) return error;
  error.message += ": the smallest is '" + smallest->name + "', and " + smallest->reason;
  error.detail = Value::object({{"required_bytes", smallest->required_bytes.value},
                                {"required_basis", base::source_of(smallest->required_bytes)}});
  return error;
}

}  // namespace tachikoma
