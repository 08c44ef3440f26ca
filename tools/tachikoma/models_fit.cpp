// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "interrupt.hpp"
#include "models.hpp"
#include "selection_table.hpp"
#include "session.hpp"
#include "table.hpp"

namespace tachikoma::cli {
namespace {

struct Fit {
  RankedModel model;
  bool fits;  ///< as far as its need is known
};

// What the servers have, by name; with --loaded what is in memory, with --names what fits.
std::vector<Fit> fits_of(const Selection& selection, const Options& options) {
  std::vector<Fit> models;
  for (const RankedModel& each : selection.ranked)
    if (each.listed) models.push_back({each, true});
  for (const RankedModel& each : selection.too_large)
    if (each.listed) models.push_back({each, false});
  if (options.loaded) std::erase_if(models, [](const Fit& each) { return !each.model.loaded; });
  if (options.names) std::erase_if(models, [](const Fit& each) { return !each.fits; });
  std::sort(models.begin(), models.end(),
            [](const Fit& a, const Fit& b) { return a.model.name < b.model.name; });
  return models;
}

bool is_known(const Fit& each) { return each.model.required_bytes || !each.fits; }

Value fit_of(const Selection& selection, const Options& options) {
  const Value whole = to_value(selection);
  Value models = base::array_of(fits_of(selection, options), [](const Fit& each) {
    Value model = to_value(each.model);
    model.set("fits", is_known(each) ? Value(each.fits) : Value());
    return model;
  });
  return Value::object({{"headroom", whole["headroom"]},
                        {"budgets", whole["budgets"]},
                        {"models", std::move(models)},
                        {"failures", failures_value(selection.failures)}});
}

std::string fit_table(const std::vector<Fit>& models, std::size_t room) {
  std::vector<std::vector<std::string>> rows{{"ADDRESS", "NEEDS", "FITS", "IN"}};
  for (const Fit& each : models)
    rows.push_back({each.model.name, cell(each.model.required_bytes, format_bytes),
                    !is_known(each) ? "-"
                    : each.fits     ? "yes"
                                    : "no",
                    place_of(each.model)});
  return table(rows, {.right = {1}, .names = {0}, .optional = {3}}, room);
}

}  // namespace

int show_fit(Runtime& runtime, const Options& options, Output& output) {
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<Selection> selection = selector_of(options).rank(Task::general, runtime, stop.token());
  if (!selection) return fail(selection.error(), stop, options, output);
  for (const Selection::Failure& failure : selection->failures)
    output.fail(of_provider(failure.provider, failure.error));
  if (options.json) {
    output.print_json("fit", fit_of(*selection, options));
  } else if (options.names) {
    for (const Fit& each : fits_of(*selection, options)) output.print_foreign(each.model.name + "\n");
  } else {
    for (const MemoryBudget& budget : selection->budgets) output.say("tachikoma: " + room_line(budget));
    output.print_foreign(fit_table(fits_of(*selection, options), output.room()));
  }
  return output.finish(0);
}

}  // namespace tachikoma::cli
