// SPDX-License-Identifier: MIT
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/numbers.hpp"
#include "gpu_layers.hpp"
#include "interrupt.hpp"
#include "load_estimate.hpp"
#include "load_options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "progress_line.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

std::string text_of(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : to_json(value);
}

std::string line_of(const UnappliedSetting& setting) {
  const std::string asked = text_of(setting.asked);
  const std::string what = setting.applied.is_null()
                               ? setting.name + ": " + asked + " was not applied"
                               : setting.name + " is " + text_of(setting.applied) + ", not " + asked;
  return what + ": " + setting.reason;
}

std::string seconds(std::chrono::milliseconds time) {
  return base::decimal(std::chrono::duration<double>(time).count()) + " s";
}

// All, or a share, is what the server was told; only a count tells what it did.
std::string on_gpus(const GpuLayers& layers) {
  if (layers == GpuLayers::none()) return "no layers on GPUs";
  if (layers.kind == GpuLayers::Kind::count) return in_short(layers) + " layers on GPUs";
  return "gpu_layers set to " + in_short(layers);
}

// "loaded in 9.1 s, with a context of 16384 tokens and 29 layers on GPUs"
std::string summary(const LoadedModel& model) {
  std::string text = "loaded";
  if (model.load_time) text += " in " + seconds(model.load_time.value);
  const LoadSettings& applied = model.applied;
  std::string_view joint = ", with ";
  if (applied.context_length) {
    text.append(joint).append("a context of " + std::to_string(*applied.context_length) + " tokens");
    joint = " and ";
  }
  if (applied.gpu_layers) text.append(joint).append(on_gpus(*applied.gpu_layers));
  return text;
}

Value data_of(const std::string& provider, const LoadedModel& model) {
  Value data = Value::object({{"address", address(provider, model.instance)}, {"provider", provider}});
  const Value whole = to_value(model);
  for (const Member& member : whole.members()) data.set(member.key, member.value);
  return data;
}

void print(const std::string& provider, const LoadedModel& model, const Options& options, Output& output) {
  if (options.json) return output.print_json("loaded", data_of(provider, model));
  output.say("tachikoma: " + summary(model));
  for (const UnappliedSetting& setting : model.unapplied) output.warn(line_of(setting));
  output.print_foreign(address(provider, model.instance) + "\n");
}

// A server that was started here is of no use to the next command.
void add_notice_of_end(LoadedModel& model) {
  if (model.surface == "command line")
    model.notices.push_back(
        "its server was started here and ends with this command: a request loads the model itself, with the "
        "load settings of the configuration");
}

// Notices reported during the load are repeated in the result, which may have more.
Result<LoadedModel> load_shown(Runtime& runtime, const Options& options, std::stop_token stop,
                               Output& output) {
  std::set<std::string, std::less<>> told;
  const auto print_notice = [&](std::string_view notice) {
    if (!options.json && told.emplace(notice).second) output.say("tachikoma: " + std::string(notice));
  };
  Progress progress(output, "loading " + options.subject, options.json);
  const auto begun = std::chrono::steady_clock::now();
  const auto on_event = [&](const LoadEvent& event) {
    if (!event.notice.empty()) {
      print_notice(event.notice);
    } else {
      const auto passed = std::chrono::steady_clock::now() - begun;
      progress.at(event.fraction,
                  time_left(std::chrono::duration_cast<std::chrono::milliseconds>(passed), event.fraction));
    }
    return Flow::proceed;
  };
  Result<LoadedModel> model = runtime.load_model(options.subject, options.load, on_event, std::move(stop));
  if (model) add_notice_of_end(*model);
  if (model)
    for (const std::string& notice : model->notices) print_notice(notice);
  return model;
}

int load(Runtime& runtime, const Options& options, Output& output) {
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<ResolvedModel> resolved = runtime.models().resolve(options.subject, stop.token());
  if (!resolved) return fail(resolved.error(), stop, options, output);
  const Result<LoadedModel> model = load_shown(runtime, options, stop.token(), output);
  if (!model) return fail(model.error(), stop, options, output);
  print(resolved->provider, *model, options, output);
  return output.finish(0);
}

int run_load(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  return options.estimate_only ? show_estimate(*runtime, options, output) : load(*runtime, options, output);
}

}  // namespace

const Verb kLoad{
    .name = "load",
    .brief = "Loads a model into memory",
    .usage = "[OPTIONS] MODEL",
    .summary =
        "Loads a model into memory and prints its address. Settings that are not given here are those of\n"
        "the configuration, else the server's. ^C cancels the load on the server too. A server that is\n"
        "started here ends with this command: then it only shows whether the model can be loaded.",
    .example = R"(  tachikoma load openai/gpt-oss-20b --context 16384 --gpu-layers all --ttl 1h
  tachikoma load openai/gpt-oss-120b --estimate-only
)",
    .add_options = add_load_options,
    .words = Words::subject,
    .subject = "the model to load",
    .uses_models = true,
    .run = run_load};

}  // namespace tachikoma::cli
