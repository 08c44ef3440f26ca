// SPDX-License-Identifier: MIT
#include "load_estimate.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/sourced.hpp"
#include "base/sourced_json.hpp"
#include "interrupt.hpp"
#include "session.hpp"
#include "table.hpp"
#include "width.hpp"

namespace tachikoma::cli {
namespace {

/// An estimate and, where its server does not judge whether it fits, what is free on the server's machine.
struct JudgedEstimate {
  MemoryEstimate estimate;
  std::optional<Hardware> machine = {};

  std::int64_t free() const {
    return machine->available_ram_bytes.value + machine->available_vram_bytes.value;
  }
};

JudgedEstimate judged(Runtime& runtime, const std::string& model, MemoryEstimate estimate,
                      std::stop_token stop) {
  JudgedEstimate made{std::move(estimate)};
  if (made.estimate.fits || !made.estimate.total_bytes) return made;
  const Result<ResolvedModel> resolved = runtime.models().resolve(model, stop);
  if (!resolved) return made;
  const Result<ProviderHandle> provider = runtime.provider(resolved->provider);
  if (!provider) return made;
  Result<Hardware> machine = provider->hardware(stop);
  if (!machine || !machine->available_ram_bytes) return made;
  made.machine = *std::move(machine);
  made.estimate.fits = made.estimate.total_bytes.value <= made.free();
  return made;
}

// "23.4 GB of RAM and 19.0 GB on GPUs are free"
std::string free_memory(const Hardware& machine) {
  std::string text = format_bytes(machine.available_ram_bytes.value) + " of RAM";
  if (machine.available_vram_bytes.value > 0)
    text += " and " + format_bytes(machine.available_vram_bytes.value) + " on GPUs";
  return text + " are free";
}

// "~11.8 MB to 23.1 MB"
std::string range_of(const Sourced<std::int64_t>& low, const Sourced<std::int64_t>& high) {
  return cell(low, format_bytes) + " to " + format_bytes(high.value);
}

// What a server does not tell apart has no line.
std::string text_of(const JudgedEstimate& judged, std::size_t room) {
  const MemoryEstimate& estimate = judged.estimate;
  std::string fits = !estimate.fits ? "-" : *estimate.fits ? "yes" : "no";
  std::vector<std::string> why;
  if (judged.machine) why.push_back(free_memory(*judged.machine));
  if (!estimate.confidence.empty()) why.push_back("confidence: " + estimate.confidence);
  if (!why.empty()) fits += " (" + base::listed(why, "; ") + ")";
  std::vector<std::vector<std::string>> rows{{"total", cell(estimate.total_bytes, format_bytes)},
                                             {"  model", cell(estimate.model_bytes, format_bytes)},
                                             {"  context", cell(estimate.context_bytes, format_bytes)}};
  if (estimate.projector_bytes && estimate.projector_bytes.value > 0)
    rows.push_back({"  projector", cell(estimate.projector_bytes, format_bytes)});
  if (estimate.compute_min_bytes && estimate.compute_max_bytes)
    rows.push_back({"  computing", range_of(estimate.compute_min_bytes, estimate.compute_max_bytes)});
  rows.push_back({"on GPUs", cell(estimate.vram_bytes, format_bytes)});
  std::size_t width = 0;
  for (const std::vector<std::string>& row : rows) width = std::max(width, row.front().size());
  const std::string judgement = "fits" + std::string(width - 2, ' ') + fits + "\n";
  return table(rows, {.right = {1}, .heading = false}, room) + wrapped_text(judgement, room, width + 2);
}

Value estimate_value(const JudgedEstimate& judged) {
  Value data = to_value(judged.estimate);
  if (!judged.machine) return data;
  data.set("available_ram_bytes", sourced_value(judged.machine->available_ram_bytes, "bytes"));
  data.set("available_vram_bytes", sourced_value(judged.machine->available_vram_bytes, "bytes"));
  return data;
}

Error does_not_fit(const std::string& model, const JudgedEstimate& judged) {
  const Sourced<std::int64_t>& total = judged.estimate.total_bytes;
  Error error(ErrorCode::insufficient_memory,
              "'" + model + "' does not fit into memory" + (judged.machine ? "" : ", as its server says"),
              "try a smaller --context or a smaller model, or unload another model");
  if (!total) return error;
  error.message += ": it would take " + cell(total, format_bytes);
  error.detail = Value::object({{"required_bytes", total.value}, {"required_basis", base::source_of(total)}});
  if (!judged.machine) return error;
  error.message += ", and " + free_memory(*judged.machine);
  error.detail.set("available_bytes", judged.free());
  error.detail.set("available_basis", base::source_of(judged.machine->available_ram_bytes));
  return error;
}

}  // namespace

int show_estimate(Runtime& runtime, const Options& options, Output& output) {
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  Result<MemoryEstimate> estimate = runtime.estimate_load(options.subject, options.load, stop.token());
  if (!estimate) return fail(estimate.error(), stop, options, output);
  const JudgedEstimate made = judged(runtime, options.subject, *std::move(estimate), stop.token());
  if (options.json)
    output.print_json("estimate", estimate_value(made));
  else
    output.print_foreign(text_of(made, output.room()));
  return output.finish(made.estimate.fits.value_or(true) ? 0
                                                         : output.fail(does_not_fit(options.subject, made)));
}

}  // namespace tachikoma::cli
