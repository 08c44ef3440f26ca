// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "selection_table.hpp"
#include "session.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kShownToDownload = 5;

Value picked_of(const Selection& selection) {
  Value data = to_value(selection);
  data.set("failures", failures_value(selection.failures));
  return data;
}

// What the servers have, and the first few that could be downloaded.
std::vector<RankedModel> shown(const Selection& selection) {
  std::vector<RankedModel> models;
  std::size_t others = 0;
  for (const RankedModel& each : selection.ranked)
    if (each.listed || ++others <= kShownToDownload) models.push_back(each);
  return models;
}

void print_picked(const Selection& selection, Output& output) {
  output.print_foreign(selection_table(shown(selection), output.room()));
  const RankedModel& best = selection.ranked.front();
  output.print_prose("\n" + best.name + ": " + best.reason + "\n");
  if (!best.download.empty()) output.print_foreign("  tachikoma download " + best.download + "\n");
  const bool any = std::any_of(selection.too_large.begin(), selection.too_large.end(),
                               [](const RankedModel& each) { return each.listed; });
  if (any) output.print_foreign("\nToo large:\n");
  for (const RankedModel& each : selection.too_large)
    if (each.listed) output.print_prose("  " + each.name + ": " + each.reason + "\n");
}

int run_pick(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<Selection> selection = selector_of(options).rank(options.task, *runtime, stop.token());
  if (!selection) return fail(selection.error(), stop, options, output);
  if (!options.json)
    for (const MemoryBudget& budget : selection->budgets) output.say("tachikoma: " + room_line(budget));
  for (const Selection::Failure& failure : selection->failures)
    output.fail(of_provider(failure.provider, failure.error));
  if (const Result<RankedModel> best = selection->best(); !best) return output.fail(best.error());
  if (options.json)
    output.print_json("picked", picked_of(*selection));
  else
    print_picked(*selection, output);
  return output.finish(0);
}

void add_pick_options(OptionSet& set, Options& options) {
  set.choice<Task>(
      "--task", {"general", "chat", "code", "reasoning", "creative"}, [&](Task task) { options.task = task; },
      "What for: general (default), chat, code, reasoning or creative");
  set.choice<Speed>(
      "--speed", {"fast", "balanced", "quality"}, [&](Speed speed) { options.selector.speed = speed; },
      "What matters more: fast, balanced (default) or quality");
  add_memory_options(set, options);
  set.text("--library", options.selector.library, "FILE",
           "A model library to use instead of the built-in one");
}

}  // namespace

const Verb kPick{
    .name = "pick",
    .brief = "Chooses a model by task and memory",
    .usage = "[OPTIONS]",
    .summary =
        "Ranks the models that the servers have by what they are made for, by what they need and by\n"
        "the memory there is, of which a fifth stays free; then those that could be downloaded.",
    .example = R"(  tachikoma pick --task code
  tachikoma pick --task reasoning --speed quality --ram 64GB --vram 24GB
)",
    .add_options = add_pick_options,
    .run = run_pick};

}  // namespace tachikoma::cli
