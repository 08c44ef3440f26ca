// SPDX-License-Identifier: MIT
#include "models.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "interrupt.hpp"
#include "listed_models.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "selection_table.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

// What sets it apart, as far as the server says that: "vision, tools", or "text".
std::string purpose_of(const ModelInfo& info) {
  if (info.kind == ModelKind::unknown) return "-";
  if (info.kind == ModelKind::embedding) return "embedding";
  std::vector<std::string> purposes;
  if (info.vision.value_or(false)) purposes.emplace_back("vision");
  if (info.tool_use.value_or(false)) purposes.emplace_back("tools");
  if (!info.reasoning_options.empty()) purposes.emplace_back("reasoning");
  return purposes.empty() ? "text" : base::listed(purposes);
}

std::vector<std::string> row_of(const ListedModel& model) {
  const ModelInfo& info = model.info;
  std::string context = "-";
  if (!info.instances.empty()) context = cell(info.instances.front().context_length, format_count);
  return {model.address,
          cell(info.size_bytes, format_bytes),
          info.quantization.empty() ? "-" : info.quantization,
          info.state == ModelState::unknown ? "-" : std::string(to_string(info.state)),
          context,
          cell(info.max_context_length, format_count),
          purpose_of(info)};
}

// Model by model: the tree of all of them would take many times the memory of the list.
void print_json(const ModelListing& listing, Output& output) {
  constexpr std::size_t kPiece = 64 * 1024;
  std::string text = Output::json_start("models") + R"({"models":[)";
  for (const ListedModel& model : listing.models) {
    if (&model != &listing.models.front()) text += ',';
    base::append_json(text, to_value(model));
    if (text.size() < kPiece) continue;
    output.print(text);
    text.clear();
  }
  text += R"(],"failures":)";
  base::append_json(text, failures_value(listing.failures));
  output.print(text + "}}\n");
}

}  // namespace

void print_models(const ModelListing& listing, const Options& options, Output& output) {
  if (options.json) return print_json(listing, output);
  if (!options.names) {
    if (!listing.models.empty()) output.print_foreign(models_table(listing.models, output.room()));
    return;
  }
  std::string names;
  for (const ListedModel& model : listing.models) names += model.address + "\n";
  output.print_foreign(names);
}

namespace {

// What each file that is no model is, and each folder that can't be read.
void explain_unusable(const std::vector<ListedModel>& models, Output& output) {
  constexpr std::size_t kTold = 20;
  std::size_t count = 0;
  for (const ListedModel& model : models) {
    const std::string_view why = model.info.extra["error"].as_string();
    if (model.info.state != ModelState::failed || why.empty() || ++count > kTold) continue;
    const std::string_view hint = model.info.extra["hint"].as_string();
    output.say(base::printable("tachikoma: " + model.address + ": " + std::string(why) +
                               (hint.empty() ? "" : " (" + std::string(hint) + ")")));
  }
  if (count > kTold)
    output.say("tachikoma: and " + std::to_string(count - kTold) +
               " more: `tachikoma models --json` has all");
}

int run_models(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  if (options.fit) return show_fit(*runtime, options, output);
  if (options.selector.max_ram || options.selector.max_vram || options.context)
    return output.fail(
        {ErrorCode::invalid_argument, "--ram, --vram and --context are for --fit", "add --fit"});
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  ModelListing listing = runtime->models().list(stop.token());
  if (stop.interrupted())
    return output.fail({ErrorCode::cancelled, "stopped before every provider had answered"});
  remember(listing, runtime->provider_ids());
  if (listing.models.empty() && !listing.failures.empty()) {
    int code = 0;
    for (const ModelListing::Failure& failure : listing.failures) {
      const int each = output.fail(of_provider(failure.provider, failure.error));
      if (code == 0) code = each;
    }
    return code;
  }
  const bool all_say = std::none_of(listing.models.begin(), listing.models.end(),
                                    [](const ListedModel& m) { return m.info.state == ModelState::unknown; });
  if (options.loaded)
    std::erase_if(listing.models, [](const ListedModel& m) { return m.info.state != ModelState::loaded; });
  if (options.names)
    std::erase_if(listing.models, [](const ListedModel& m) { return m.info.extra["error"].is_string(); });
  print_models(listing, options, output);
  if (!options.json && !options.names) explain_unusable(listing.models, output);
  for (const ModelListing::Failure& failure : listing.failures)
    output.fail(of_provider(failure.provider, failure.error));
  if (listing.models.empty())
    output.say(!options.loaded ? "tachikoma: the servers have no models"
               : all_say       ? "tachikoma: no model is loaded"
                               : "tachikoma: whether a model is loaded is not known: the servers don't say");
  return output.finish(0);
}

void add_models_options(OptionSet& set, Options& options) {
  set.flag("--loaded", options.loaded, "Only those in memory");
  set.flag("--names", options.names, "Only addresses, one per line");
  set.flag("--fit", options.fit, "What each needs, and whether that fits into memory");
  add_memory_options(set, options);
}

}  // namespace

std::string models_table(const std::vector<ListedModel>& models, std::size_t room) {
  const std::vector<std::string> heading{"ADDRESS", "SIZE",        "QUANTIZATION", "STATE",
                                         "CONTEXT", "MAX CONTEXT", "FOR"};
  const auto row = [&](std::size_t i) { return i == 0 ? heading : row_of(models[i - 1]); };
  return table(models.size() + 1, row, {.right = {1, 4, 5}, .names = {0}, .optional = {5, 4, 2, 1, 6}}, room);
}

const Verb kModels{.name = "models",
                   .brief = "Lists the models of every server",
                   .usage = "[OPTIONS]",
                   .summary = "Lists the models of every server, loaded or not.",
                   .example = R"(  tachikoma models
  tachikoma models --names --loaded
)",
                   .add_options = add_models_options,
                   .run = run_models};

}  // namespace tachikoma::cli
