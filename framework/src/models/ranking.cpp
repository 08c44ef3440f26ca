// SPDX-License-Identifier: MIT
#include "models/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/sourced.hpp"

namespace tachikoma::models {
namespace {

constexpr int kFirstYear = 2023;
/// How much longer reading from RAM takes than reading from a GPU's memory.
constexpr double kSlownessOfRam = 10;

const MemoryBudget& budget_of(const Selection& selection, const std::string& provider) {
  for (const MemoryBudget& budget : selection.budgets)
    if (budget.provider == provider) return budget;
  static const MemoryBudget none;
  return none;
}

/// How well a model suits a task, best first.
enum class Suits { made_for_it, not_known, made_for_others };

Suits suits(const Candidate& candidate, Task task) {
  if (!candidate.facts) return Suits::not_known;
  const std::vector<Task>& tasks = candidate.facts->tasks;
  const auto has = [&](Task each) { return std::find(tasks.begin(), tasks.end(), each) != tasks.end(); };
  const bool made = has(task) || (task == Task::general && has(Task::chat));
  return made ? Suits::made_for_it : Suits::made_for_others;
}

bool is_speciality(const Candidate& candidate, Task task) {
  return candidate.facts && candidate.facts->tasks.front() == task;
}

// The rule of thumb that the header describes, as powers of two.
double worth(const Candidate& candidate, Task task, Speed speed) {
  const RankedModel& model = candidate.model;
  if (!model.parameters || !model.bytes_per_token) return -std::numeric_limits<double>::infinity();
  double size = std::log2(std::sqrt(model.parameters.value * model.active_parameters.value) / 1e9);
  if (candidate.facts) size += 2 * static_cast<double>(candidate.facts->released - kFirstYear);
  if (is_speciality(candidate, task)) size += 1;
  if (speed == Speed::quality) return size;
  const double on_gpus =
      model.required_bytes && model.required_bytes.value > 0
          ? static_cast<double>(model.on_gpus_bytes.value) / static_cast<double>(model.required_bytes.value)
          : 0;
  const double read = static_cast<double>(std::max<std::int64_t>(model.bytes_per_token.value, 1)) / 1e9;
  const double time = std::log2(read * (on_gpus + (1 - on_gpus) * kSlownessOfRam));
  return speed == Speed::fast ? size / 2 - time : size - time / 2;
}

std::string tasks_of(const LibraryModel& facts) {
  return base::listed(base::texts_of(facts.tasks, [](Task task) { return to_string(task); }), " and ");
}

std::string suitability(const Candidate& candidate, Task task) {
  const std::string name(to_string(task));
  if (is_speciality(candidate, task)) return "its speciality is " + name;
  switch (suits(candidate, task)) {
    case Suits::made_for_it: return "it is made for " + name + " among others";
    case Suits::not_known: return "the model library does not know it";
    case Suits::made_for_others: return "it is made for " + tasks_of(*candidate.facts);
  }
  return {};
}

std::string place(const RankedModel& model, const MemoryBudget& budget) {
  if (!model.required_bytes) return "what it needs is not known: " + model.required_bytes.basis;
  const std::int64_t needs = model.required_bytes.value, on_gpus = model.on_gpus_bytes.value;
  const std::string all = gigabytes_of(needs);
  if (on_gpus == needs)
    return "its " + all + " fit into the " + gigabytes_of(budget.vram_bytes.value) +
           " of GPU memory to spare";
  if (on_gpus > 0)
    return "of its " + all + " " + gigabytes_of(on_gpus) + " fit on GPUs and the rest into RAM";
  return "its " + all + " fit into the " + gigabytes_of(budget.ram_bytes.value) + " of RAM to spare";
}

std::string reason(const Candidate& candidate, Task task, const MemoryBudget& budget) {
  const RankedModel& model = candidate.model;
  std::string text = suitability(candidate, task) + "; " + place(model, budget);
  if (model.bytes_per_token)
    text += "; it reads " + gigabytes_of(model.bytes_per_token.value) + " of weights for each token";
  const Sourced<std::int64_t>& free = budget.available_ram_bytes;
  const std::int64_t in_ram = model.required_bytes.value - model.on_gpus_bytes.value;
  if (model.loaded)
    text += "; it is loaded";
  else if (model.required_bytes && free && in_ram > free.value)
    text += "; only " + gigabytes_of(free.value) + " of RAM are free now";
  return text;
}

std::string too_large(const Candidate& candidate, const MemoryBudget& budget) {
  const RankedModel& model = candidate.model;
  std::string room = gigabytes_of(budget.ram_bytes.value) + " of RAM";
  if (budget.vram_bytes && budget.vram_bytes.value > 0)
    room += " and " + gigabytes_of(budget.vram_bytes.value) + " of GPU memory";
  const std::string needs = model.required_bytes
                                ? std::string("it needs ") + (candidate.needs_more ? "at least " : "") +
                                      gigabytes_of(model.required_bytes.value)
                                : "it does not fit";
  return needs + "; there are " + room + " to spare" +
         (candidate.refused.empty() ? "" : "; " + candidate.refused);
}

bool fits(const Candidate& candidate, const MemoryBudget& budget) {
  // of a loaded model the server says whether it fits once more
  if (!candidate.refused.empty() && !candidate.model.loaded) return false;
  return !candidate.model.required_bytes || candidate.model.required_bytes.value <= room_in(budget);
}

struct Placed {
  Candidate candidate;
  double worth;
  // the smaller, the better; each decides where those before are equal
  auto key(Task task) const {
    const RankedModel& model = candidate.model;
    return std::make_tuple(!model.listed, !model.required_bytes, suits(candidate, task), -worth,
                           !model.loaded, std::cref(model.name));
  }
};

}  // namespace

std::string gigabytes_of(std::int64_t bytes) {
  return base::decimal(static_cast<double>(bytes) / 1e9, bytes < 1'000'000'000 ? 2 : 1) + " GB";
}

std::int64_t room_in(const MemoryBudget& budget) { return budget.ram_bytes.value + budget.vram_bytes.value; }

const LibraryModel::Size& suitable_size(const LibraryModel& model, const MemoryBudget& budget, Speed speed,
                                        std::int64_t context) {
  const LibraryModel::Size* chosen = &model.sizes.front();
  if (speed != Speed::quality) return *chosen;
  const std::int64_t rest = context_bytes(model, std::min(context, model.context_length)).value;
  for (const LibraryModel::Size& size : model.sizes)
    if (size.bytes + rest <= room_in(budget)) chosen = &size;
  return *chosen;
}

Selection ranked(Selection wanted, std::vector<Candidate> candidates) {
  std::vector<Placed> placed;
  for (Candidate& each : candidates) {
    const MemoryBudget& budget = budget_of(wanted, each.model.provider);
    if (!fits(each, budget)) {
      each.model.reason = too_large(each, budget);
      each.model.on_gpus_bytes = base::unknown("it does not fit");
      wanted.too_large.push_back(std::move(each.model));
      continue;
    }
    if (each.model.required_bytes)
      each.model.on_gpus_bytes = {std::min(each.model.required_bytes.value, budget.vram_bytes.value),
                                  Source::estimated, "the GPU memory to spare"};
    else
      each.model.on_gpus_bytes = each.model.required_bytes;
    each.model.reason = reason(each, wanted.task, budget);
    const double value = worth(each, wanted.task, wanted.speed);
    placed.push_back({std::move(each), value});
  }
  std::sort(placed.begin(), placed.end(),
            [&](const Placed& a, const Placed& b) { return a.key(wanted.task) < b.key(wanted.task); });
  for (Placed& each : placed) wanted.ranked.push_back(std::move(each.candidate.model));
  std::sort(wanted.too_large.begin(), wanted.too_large.end(), [](const RankedModel& a, const RankedModel& b) {
    return std::make_tuple(!a.listed, std::cref(a.name)) < std::make_tuple(!b.listed, std::cref(b.name));
  });
  return wanted;
}

}  // namespace tachikoma::models
