// SPDX-License-Identifier: MIT
#include <array>
#include <unistd.h>

#include "sdk/model_info.hpp"

namespace lmstudio_sim {

namespace {

constexpr int kBuild = 1;

std::optional<RpcOutcome> version(const SdkCall& call) {
  return JsonValue::object({{"version", call.simulator.script.version}, {"build", kBuild}});
}

std::optional<RpcOutcome> info(const SdkCall& call) {
  return JsonValue::object({{"pid", std::int64_t{::getpid()}},
                            {"isDaemon", false},
                            {"version", call.simulator.script.version + "+" + std::to_string(kBuild)}});
}

std::optional<RpcOutcome> list_downloaded_models(const SdkCall& call) {
  JsonValue list = JsonValue::array();
  for (const ModelSpec* model : call.simulator.library.models()) list.push_back(model_info(*model));
  return list;
}

// The simulator's models have one variant each.
std::optional<RpcOutcome> list_downloaded_model_variants(const SdkCall& call) {
  if (!call.parameter["modelKey"].is_string()) return std::nullopt;
  const ModelSpec* model = call.simulator.library.find(call.parameter["modelKey"].as_string());
  return model ? JsonValue::array({model_info(*model)}) : JsonValue::array();
}

std::optional<RpcOutcome> notify(const SdkCall& call) {
  if (!call.parameter["title"].is_string()) return std::nullopt;
  return JsonValue();
}

std::optional<RpcOutcome> start_http_server(const SdkCall& call) {
  const JsonValue& port = call.parameter["port"];
  if (!call.parameter.is_object() ||
      (!port.is_null() && (port.as_integer() < 1 || port.as_integer() > 65535)))
    return std::nullopt;
  if (!call.simulator.http) return SdkError{.title = "This server has no HTTP server of its own"};
  if (const auto error = call.simulator.http->start(static_cast<int>(port.as_integer())))
    return SdkError{.title = "Failed to start the HTTP server", .cause = error->message};
  return JsonValue();
}

std::optional<RpcOutcome> stop_http_server(const SdkCall& call) {
  if (call.simulator.http) call.simulator.http->stop();
  return JsonValue();
}

bool alive(SdkChannel& channel) {
  while (channel.wait(std::chrono::hours(24))) {
  }
  return true;
}

constexpr std::array<SdkEndpoint, 8> kEndpoints{
    {{"system", "version", version},
     {"system", "info", info},
     {"system", "listDownloadedModels", list_downloaded_models},
     {"system", "listDownloadedModelVariants", list_downloaded_model_variants},
     {"system", "notify", notify},
     {"system", "startHttpServer", start_http_server},
     {"system", "stopHttpServer", stop_http_server},
     {"system", "alive", nullptr, alive}}};

}  // namespace

std::span<const SdkEndpoint> system_endpoints() { return kEndpoints; }

}  // namespace lmstudio_sim
