// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "session.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

/// The unloaded instances, what remains of their model, and the providers that could not be reached.
struct Unloaded {
  std::vector<std::pair<std::string, std::string>> instances = {};  // provider, instance
  std::vector<std::string> remaining = {};                          // addresses
  LoadedListing before = {};                                        // of everything, with --all
  std::vector<std::pair<std::string, Error>> failures = {};

  void add(const std::string& provider, Result<std::vector<std::string>> ids) {
    if (!ids) failures.emplace_back(provider, ids.error());
    if (ids)
      for (std::string& id : *ids) instances.emplace_back(provider, std::move(id));
  }
};

Result<Unloaded> unload_one(Runtime& runtime, const std::string& name, std::stop_token stop) {
  TACHIKOMA_TRY(const ResolvedModel resolved, runtime.models().resolve(name, stop));
  Result<std::vector<std::string>> ids = runtime.unload_model(name, std::move(stop));
  if (!ids) return ids.error();
  Unloaded unloaded;
  unloaded.add(resolved.provider, std::move(ids));
  TACHIKOMA_TRY(const ProviderHandle provider, runtime.provider(resolved.provider));
  if (const auto left = provider.loaded_models())
    for (const auto& status : *left)
      if (status.key == resolved.key)
        unloaded.remaining.push_back(address(resolved.provider, status.instance));
  return unloaded;
}

Unloaded unload_all(Runtime& runtime, std::stop_token stop) {
  Unloaded unloaded{.before = runtime.loaded_models(stop)};
  const LoadedListing& listing = unloaded.before;
  for (const auto& [provider, error] : listing.failures) unloaded.failures.emplace_back(provider, error);
  std::set<std::string> providers;
  for (const LoadedListing::Entry& entry : listing.models) providers.insert(entry.provider);
  for (const std::string& id : providers) {
    const Result<ProviderHandle> provider = runtime.provider(id);
    unloaded.add(id, provider ? provider->unload_all(stop) : provider.error());
  }
  return unloaded;
}

Value data_of(const Unloaded& unloaded) {
  Value instances = base::array_of(unloaded.instances, [](const auto& each) {
    const auto& [provider, instance] = each;
    return Value::object(
        {{"address", address(provider, instance)}, {"provider", provider}, {"instance", instance}});
  });
  return Value::object({{"instances", std::move(instances)},
                        {"remaining", base::array_of(unloaded.remaining)},
                        {"failures", failures_value(unloaded.failures)}});
}

void print(const Runtime& runtime, const Unloaded& unloaded, const Options& options, Output& output) {
  if (options.json) return output.print_json("unloaded", data_of(unloaded));
  for (const auto& [provider, instance] : unloaded.instances)
    output.print_foreign(address(provider, instance) + "\n");
  if (unloaded.instances.empty() && unloaded.failures.empty())
    output.say("tachikoma: " + nothing_in_memory(runtime, unloaded.before, "was"));
  if (!unloaded.remaining.empty())
    output.say("tachikoma: still in memory: " + base::listed(unloaded.remaining));
}

Status check(const Options& options) {
  if (options.subject.empty() == options.all) return Done{};
  if (options.all)
    return Error(ErrorCode::invalid_argument, "--all and '" + options.subject + "' exclude each other",
                 "leave one of them out");
  return Error(ErrorCode::invalid_argument, "the model to unload is missing",
               "'tachikoma ps' lists what is in memory; --all unloads all of it");
}

int run_unload(const Options& options, Output& output) {
  if (const Status checked = check(options); !checked) return output.fail(checked.error());
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<Unloaded> unloaded =
      options.all ? unload_all(*runtime, stop.token()) : unload_one(*runtime, options.subject, stop.token());
  if (!unloaded) return fail(unloaded.error(), stop, options, output);
  print(*runtime, *unloaded, options, output);
  int worst = 0;
  for (const auto& [provider, error] : unloaded->failures)
    worst = std::max(worst, fail(of_provider(provider, error), stop, options, output));
  return output.finish(worst);
}

void add_unload_options(OptionSet& set, Options& options) {
  set.flag("--all", options.all, "Unload every model on every server");
}

}  // namespace

const Verb kUnload{
    .name = "unload",
    .brief = "Unloads a model from memory",
    .usage = "[OPTIONS] MODEL|--all",
    .summary =
        "Unloads a model and prints the address of each instance that was\n"
        "unloaded. The name of an instance unloads only that instance; what then remains of the\n"
        "model is named on stderr. What requests use, also those of other programs that have loaded\n"
        "it for a request, is unloaded when they end.",
    .example = R"(  tachikoma unload openai/gpt-oss-20b
  tachikoma unload --all
)",
    .add_options = add_unload_options,
    .words = Words::optional_subject,
    .run = run_unload};

}  // namespace tachikoma::cli
