// SPDX-License-Identifier: MIT
#include "ps.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "gpu_layers.hpp"
#include "output.hpp"
#include "programs.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

using std::chrono::milliseconds;

// Its activity says more than that it is loaded.
std::string state(const ModelStatus& status) {
  if (status.state == ModelState::loaded && status.activity && status.activity.value != Activity::unknown)
    return std::string(to_string(status.activity.value));
  return status.state == ModelState::unknown ? "-" : std::string(to_string(status.state));
}

// The counted layers, or the setting, named as one, if nobody counted.
std::string gpu_layers(const ModelStatus& status) {
  if (!status.gpu_layers && status.config.gpu_layers) return "set: " + in_short(*status.config.gpu_layers);
  std::string text = cell(status.gpu_layers, format_count);
  if (status.gpu_layers && status.total_layers) text += "/" + std::to_string(status.total_layers.value);
  return text;
}

std::string last_used(const ModelStatus& status, milliseconds now) {
  return cell(status.last_used, [&](milliseconds at) { return format_duration(now - at) + " ago"; });
}

// How long it stays if unused; for a busy model, counted from now.
std::string time_left(const ModelStatus& status, milliseconds now) {
  return cell(status.ttl, [&](milliseconds ttl) -> std::string {
    if (ttl.count() == 0) return "never";
    const bool busy = status.activity && status.activity.value != Activity::idle;
    if (busy || !status.last_used) return format_duration(ttl);
    return format_duration(std::min(ttl, status.last_used.value + ttl - now));
  });
}

std::string table_of(const std::vector<LoadedListing::Entry>& models, milliseconds now, std::size_t room) {
  std::vector<std::vector<std::string>> rows{
      {"ADDRESS", "MODEL", "STATE", "CONTEXT", "GPU LAYERS", "MEMORY", "QUEUE", "LAST USED", "UNLOADS IN"}};
  for (const auto& [provider, status] : models)
    rows.push_back({address(provider, status.instance), status.key, state(status),
                    cell(status.context_length, format_count), gpu_layers(status),
                    cell(status.memory_bytes, format_bytes), cell(status.queued, format_count),
                    last_used(status, now), time_left(status, now)});
  const bool elsewhere =
      std::any_of(models.begin(), models.end(), [](const auto& each) { return !each.status.device.empty(); });
  if (elsewhere) {
    rows.front().emplace_back("RUNS ON");
    for (std::size_t i = 0; i < models.size(); ++i)
      rows[i + 1].push_back(models[i].status.device.empty() ? "the server" : models[i].status.device);
  }
  return table(rows, {.right = {3, 4, 5, 6, 7, 8}, .names = {0, 1}, .optional = {1, 4, 7, 6, 3, 8, 5}}, room);
}

using Programs = std::vector<Value>;  // other programs that run

Value data_of(const LoadedListing& listing, const Programs& programs) {
  Value models = base::array_of(listing.models, [](const LoadedListing::Entry& entry) {
    const auto& [provider, status] = entry;
    Value model = Value::object({{"address", address(provider, status.instance)}, {"provider", provider}});
    const Value whole = to_value(status);
    for (const Member& member : whole.members()) model.set(member.key, member.value);
    return model;
  });
  return Value::object({{"models", std::move(models)},
                        {"failures", failures_value(listing.failures)},
                        {"silent", base::array_of(listing.silent)},
                        {"programs", base::array_of(programs)}});
}

void print(const LoadedListing& listing, const Programs& programs, const Options& options, Output& output) {
  if (options.json) return output.print_json("ps", data_of(listing, programs));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string text;
  if (!listing.models.empty())
    text = table_of(listing.models, std::chrono::duration_cast<milliseconds>(now), output.room());
  if (!programs.empty()) text += (text.empty() ? "" : "\n") + programs_text(programs, output.room());
  output.print_foreign(text);
}

int run_ps(const Options& options, Output& output) {
  const Programs programs = running_programs(output);
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) {
    if (!programs.empty()) print({}, programs, options, output);
    return output.finish(output.fail(runtime.error()));
  }
  Interrupts interrupts;
  return output.finish(show_memory(*runtime, programs, interrupts, options, output));
}

}  // namespace

int show_memory(Runtime& runtime, const Programs& programs, Interrupts& interrupts, const Options& options,
                Output& output) {
  StopOnInterrupt stop(interrupts);
  const LoadedListing listing = runtime.loaded_models(stop.token());
  if (stop.interrupted())
    return output.fail({ErrorCode::cancelled, "stopped before every provider had answered"});
  const bool nothing = listing.models.empty() && !listing.failures.empty();
  if (!options.json && listing.models.empty() && listing.failures.empty())
    output.say("tachikoma: " + nothing_in_memory(runtime, listing, "is"));
  if (!nothing || !programs.empty()) print(listing, programs, options, output);
  int worst = 0;
  for (const auto& [provider, error] : listing.failures)
    worst = std::max(worst, output.fail(of_provider(provider, error)));
  return nothing ? worst : 0;
}

const Verb kPs{.name = "ps",
               .brief = "Lists the models in memory, and what they are doing",
               .usage = "[OPTIONS]",
               .summary =
                   "Lists the models in memory and what they are doing, most recently used first; then what\n"
                   "running programs keep there, and why. - marks what is not known, ~ an estimate.",
               .example = R"(  tachikoma ps
)",
               .run = run_ps};

}  // namespace tachikoma::cli
