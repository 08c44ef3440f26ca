// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verbs.hpp"
#include "width.hpp"

#include <tachikoma/diagnosis.hpp>

namespace tachikoma::cli {
namespace {

template <class T, class Format>
std::vector<std::string> row(std::string name, const Sourced<T>& number, Format format) {
  return {"  " + std::move(name), number ? format(number.value) : "unknown", base::source_of(number)};
}

std::string facts_of(const Diagnosis& diagnosis, std::size_t room) {
  const auto tokens = [](std::int64_t count) { return std::to_string(count) + " tokens"; };
  const auto speed = [](double rate) { return base::decimal(rate) + " tokens/s"; };
  const auto layers = [&](std::int64_t count) {
    const Sourced<std::int64_t>& total = diagnosis.total_layers;
    return std::to_string(count) + " of " + (total ? std::to_string(total.value) : "an unknown number");
  };
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
  };
  const std::string model = !diagnosis.model.empty() ? diagnosis.model
                            : diagnosis.in_memory    ? "none"
                                                     : "unknown";
  return table({{"  model", model, diagnosis.no_model},
                row("context", diagnosis.context_length, tokens),
                row("GPU layers", diagnosis.gpu_layers, layers),
                row("memory", diagnosis.memory_bytes, format_bytes),
                row("generating", diagnosis.tokens_per_second, speed),
                row("reading prompts", diagnosis.prompt_tokens_per_second, speed),
                row("first token", diagnosis.time_to_first_token, seconds)},
               {.names = {1}, .prose = 2, .heading = false}, room);
}

std::string server_of(const Diagnosis& diagnosis, std::size_t room) {
  const bool fails = !diagnosis.findings.empty() && diagnosis.findings.front().severity == Severity::error;
  if (!diagnosis.health && fails) return diagnosis.provider + ": can't be used\n";
  if (!diagnosis.health) return diagnosis.provider + ": has no server to ask\n" + facts_of(diagnosis, room);
  const Health& health = *diagnosis.health;
  const std::string server = diagnosis.provider + ": " + health.server +
                             (health.version.empty() ? "" : " " + health.version) + " · " + health.base_url +
                             (health.api.empty() ? "" : " · " + health.api) + "\n";
  return wrapped_text(server, room, 2) + facts_of(diagnosis, room);
}

std::string text_of(const Finding& finding, std::size_t number) {
  return std::to_string(number) + ". " + std::string(to_string(finding.severity)) + ": " + finding.title +
         " (" + finding.id + ")\n   seen: " + finding.evidence + "\n" +
         (finding.fix.empty() ? "" : "   next: " + finding.fix + "\n");
}

std::string text_of(const std::vector<Diagnosis>& diagnoses, std::size_t room) {
  std::string servers, findings;
  std::size_t number = 0;
  for (const Diagnosis& diagnosis : diagnoses) {
    servers += server_of(diagnosis, room);
    for (const Finding& finding : diagnosis.findings)
      findings += wrapped_text(text_of(finding, ++number), room, 3);
  }
  const bool all_known = std::all_of(diagnoses.begin(), diagnoses.end(),
                                     [](const Diagnosis& each) { return each.in_memory.has_value(); });
  const char* const fine =
      all_known ? "nothing is wrong\n" : "nothing wrong was found; what is unknown could not be examined\n";
  return servers + "\n" + (number == 0 ? fine : findings);
}

int worst_of(const std::vector<Diagnosis>& diagnoses) {
  for (const Diagnosis& diagnosis : diagnoses)
    for (const Finding& finding : diagnosis.findings)
      if (finding.severity == Severity::error) return exit_code(finding.code);
  return 0;
}

Result<std::vector<Diagnosis>> diagnose(const Runtime& runtime, const Options& options,
                                        std::stop_token stop) {
  const std::vector<std::string> ids =
      options.subject.empty() ? runtime.provider_ids() : std::vector<std::string>{options.subject};
  std::vector<Diagnosis> diagnoses;
  for (const std::string& id : ids) {
    TACHIKOMA_TRY(const ProviderHandle provider, runtime.provider(id));
    TACHIKOMA_TRY(
        Diagnosis diagnosis,
        provider.diagnose(
            {.model = options.model, .load = options.load_first, .measure = !options.no_measure}, stop));
    diagnoses.push_back(std::move(diagnosis));
  }
  return diagnoses;
}

int run_doctor(const Options& options, Output& output) {
  Result<Runtime> runtime = open_unchecked_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<std::vector<Diagnosis>> diagnoses = diagnose(*runtime, options, stop.token());
  if (!diagnoses) return output.fail(diagnoses.error());
  if (options.json) {
    Value providers = base::array_of(*diagnoses, [](const Diagnosis& each) { return to_value(each); });
    output.print_json("doctor", Value::object({{"providers", std::move(providers)}}));
  } else {
    output.print_foreign(text_of(*diagnoses, output.room()));
  }
  return output.finish(worst_of(*diagnoses));
}

void add_doctor_options(OptionSet& set, Options& options) {
  add_model(set, options);
  set.flag("--load", options.load_first, "Load the model if it is not in memory, and unload it afterwards");
  set.flag("--no-measure", options.no_measure, "Don't generate anything");
}

}  // namespace

const Verb kDoctor{
    .name = "doctor",
    .brief = "Finds out what is wrong, and what to do about it",
    .usage = "[OPTIONS] [PROVIDER]",
    .summary =
        "Finds out what is wrong with a server or the connection to it, and why its model is slow.\n"
        "Loads nothing without --load. A model that is in memory answers once, for the measurement.",
    .example = R"(  tachikoma doctor
  tachikoma doctor --load
  tachikoma doctor --json lmstudio
)",
    .add_options = add_doctor_options,
    .words = Words::optional_subject,
    .run = run_doctor};

}  // namespace tachikoma::cli
