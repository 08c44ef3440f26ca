// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <tachikoma/diagnosis.hpp>

namespace tachikoma::cli {
namespace {

struct ProviderStatus {
  std::string id;
  std::string plugin;
  std::optional<Health> health;
  std::optional<Error> error;  // neither: the provider has no server to check
};

struct ModelStatus {
  std::string selected;
  std::optional<ResolvedModel> resolved;
  std::optional<Error> error;
};

ProviderStatus ask_provider(const Runtime& runtime, const std::string& id, std::stop_token stop) {
  ProviderStatus status{.id = id};
  for (const ProviderConfig& config : runtime.config().providers)
    if (config.id == id) status.plugin = config.plugin;
  const Result<ProviderHandle> provider = runtime.provider(id);
  if (!provider) {
    status.error = provider.error();
    return status;
  }
  Result<Health> health = provider->health(std::move(stop));
  if (health)
    status.health = *std::move(health);
  else if (health.error().code != ErrorCode::unsupported)
    status.error = health.error();
  return status;
}

ModelStatus ask_model(Runtime& runtime, std::stop_token stop) {
  ModelStatus status{.selected = runtime.models().selected()};
  if (status.selected.empty()) return status;
  Result<ResolvedModel> resolved = runtime.models().resolve(status.selected, std::move(stop));
  if (resolved)
    status.resolved = *std::move(resolved);
  else if (runtime.config().default_model.empty())
    status.selected.clear();  // nobody chose what one provider implies
  else
    status.error = resolved.error();
  return status;
}

Value or_null(const std::optional<Error>& error) { return error ? error_value(*error) : Value(); }

Value value_of(const ProviderStatus& status) {
  return Value::object({{"id", status.id},
                        {"plugin", status.plugin},
                        {"ok", !status.error.has_value()},
                        {"health", status.health ? to_value(*status.health) : Value()},
                        {"error", or_null(status.error)}});
}

Value value_of(const ModelStatus& status) {
  Value whole = Value::object({{"selected", status.selected.empty() ? Value() : Value(status.selected)},
                               {"provider", Value()},
                               {"name", Value()},
                               {"error", or_null(status.error)}});
  if (status.resolved) {
    whole.set("provider", status.resolved->provider);
    whole.set("name", status.resolved->name);
  }
  return whole;
}

std::string failure_text(const Error& error) {
  return error.message + "\n" + (error.hint.empty() ? "" : "  hint: " + error.hint + "\n");
}

std::string text_of(const ProviderStatus& status) {
  std::string text = status.id + ": ";
  if (status.error) return text + failure_text(*status.error);
  if (!status.health) return text + "ready; the plugin '" + status.plugin + "' has no server to ask\n";
  const Health& health = *status.health;
  text += health.server + (health.version.empty() ? "" : " " + health.version) + " · " + health.base_url;
  if (!health.api.empty()) text += " · " + health.api;
  return text + (health.auth_required ? " · key accepted\n" : "\n");
}

std::string text_of(const ModelStatus& status) {
  if (status.selected.empty())
    return "model: none is chosen; -m names one, or defaults.model in the configuration\n";
  if (status.error) return "model '" + status.selected + "': " + failure_text(*status.error);
  return "model: " + status.selected + " (" + status.resolved->provider + "::" + status.resolved->name +
         ")\n";
}

int run_status(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  int worst = 0;
  Value providers = Value::array();
  std::string text;
  for (const std::string& id : runtime->provider_ids()) {
    const ProviderStatus status = ask_provider(*runtime, id, stop.token());
    if (status.error) worst = std::max(worst, exit_code(status.error->code));
    providers.push_back(value_of(status));
    text += text_of(status);
  }
  const ModelStatus model = ask_model(*runtime, stop.token());
  if (model.error) worst = std::max(worst, exit_code(model.error->code));
  if (stop.interrupted())
    return output.fail({ErrorCode::cancelled, "stopped before every provider had answered"});
  if (options.json) {
    const std::string& file = runtime->config().file;
    output.print_json("status", Value::object({{"config", file.empty() ? Value() : Value(file)},
                                               {"providers", std::move(providers)},
                                               {"model", value_of(model)}}));
  } else {
    output.print_prose(text + text_of(model));
  }
  return output.finish(worst);
}

}  // namespace

const Verb kStatus{.name = "status",
                   .brief = "Checks whether every server answers",
                   .usage = "[OPTIONS]",
                   .summary = "Checks that every server answers, is of the right kind, and accepts the key.",
                   .example = R"(  tachikoma status
)",
                   .run = run_status};

}  // namespace tachikoma::cli
