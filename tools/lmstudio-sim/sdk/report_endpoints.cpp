// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "sdk/endpoint.hpp"
#include "world/engine_names.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::chrono::milliseconds kProgressInterval{20};

bool stream_logs(SdkChannel& channel) {
  const LogBroadcast::Follower follower(channel.simulator().logs,
                                        [&channel](const JsonValue& message) { channel.send(message); });
  channel.simulator().journal.note(channel.id(), "follows the log");
  while (channel.wait(std::chrono::hours(24))) {
  }
  return true;
}

JsonValue gpus_of(const Script& script) {
  if (script.vram_bytes == 0) return JsonValue::array();
  return JsonValue::array({JsonValue::object({{"name", "Simulated GPU"},
                                              {"deviceId", 0},
                                              {"totalMemoryCapacityBytes", script.vram_bytes},
                                              {"dedicatedMemoryCapacityBytes", script.vram_bytes},
                                              {"integrationType", "discrete"},
                                              {"detectionPlatform", "CUDA"},
                                              {"detectionPlatformVersion", "12.8"},
                                              {"otherInfo", JsonValue::object()}})});
}

JsonValue survey_of(const Script& script) {
  const auto result = [](const char* code) { return JsonValue::object({{"code", code}, {"message", ""}}); };
  return JsonValue::object(
      {{"gpuSurveyResult",
        JsonValue::object({{"result", result(script.vram_bytes ? "success" : "noDevicesFound")},
                           {"gpuInfo", gpus_of(script)}})},
       {"cpuSurveyResult",
        JsonValue::object({{"result", result("success")},
                           {"cpuInfo", JsonValue::object({{"name", "Simulated CPU"},
                                                          {"architecture", "x86_64"},
                                                          {"supportedInstructionSetExtensions",
                                                           JsonValue::array({"AVX", "AVX2"})}})}})}});
}

JsonValue engine() {
  return JsonValue::object({{"name", kLlamaEngine},
                            {"version", kEngineVersion},
                            {"engine", "llama.cpp"},
                            {"platform", "linux"},
                            {"supportedModelFormatNames", JsonValue::array({"GGUF"})}});
}

std::optional<RpcOutcome> survey_hardware(const SdkCall& call) {
  const Script& script = call.simulator.script;
  JsonValue entry = engine();
  entry.set("compatibility", JsonValue::object({{"status", "compatible"}}));
  entry.set("hardwareSurvey", survey_of(script));
  entry.set("memoryInfo", JsonValue::object({{"ramCapacity", script.memory_bytes - script.vram_bytes},
                                             {"vramCapacity", script.vram_bytes},
                                             {"totalMemory", script.memory_bytes}}));
  return JsonValue::object({{"status", "ok"}, {"engines", JsonValue::array({std::move(entry)})}});
}

std::optional<RpcOutcome> list_engines(const SdkCall& call) {
  JsonValue entry = engine();
  entry.set("cpu", JsonValue::object({{"architecture", "x86_64"},
                                      {"instructionSetExtensions", JsonValue::array({"AVX2"})}}));
  if (call.simulator.script.vram_bytes > 0)
    entry.set("gpu", JsonValue::object({{"make", "Simulated"}, {"framework", "CUDA"}}));
  return JsonValue::array({std::move(entry)});
}

constexpr std::int64_t kMaxResults = 25;

std::optional<RpcOutcome> search_models(const SdkCall& call) {
  const JsonValue& options = call.parameter["opts"];
  if (!options.is_object()) return std::nullopt;
  const std::string term = lower_case(options["searchTerm"].as_string());
  const std::int64_t limit = options["limit"].as_integer(kMaxResults);
  JsonValue results = JsonValue::array();
  for (const ModelSpec& model : call.simulator.script.models) {
    if (static_cast<std::int64_t>(results.elements().size()) == limit) break;
    const std::string key = lower_case(model.key);
    if (key.find(term) == std::string::npos && lower_case(model.display_name).find(term) == std::string::npos)
      continue;
    results.push_back(JsonValue::object(
        {{"name", model.key},
         {"identifier", JsonValue::object({{"type", "catalog"}, {"identifier", model.key}})},
         {"exact", key == term}}));
  }
  return JsonValue::object({{"results", std::move(results)}});
}

SdkError unknown_download(std::string_view key) {
  return {.title = "Cannot find a model to download with identifier \"" + std::string(key) + "\""};
}

std::optional<RpcOutcome> download_options(const SdkCall& call) {
  const JsonValue& key = call.parameter["modelSearchResultIdentifier"]["identifier"];
  if (!key.is_string()) return std::nullopt;
  const Script& script = call.simulator.script;
  const ModelSpec* model = call.simulator.library.find_offer(key.as_string());
  if (!model) return unknown_download(key.as_string());
  const char* fit = model->size_bytes <= script.vram_bytes    ? "fullGPUOffload"
                    : model->size_bytes > script.memory_bytes ? "willNotFit"
                    : script.vram_bytes > 0                   ? "partialGPUOffload"
                                                              : "fitWithoutGPU";
  return JsonValue::object(
      {{"results", JsonValue::array({JsonValue::object({{"quantization", model->quantization},
                                                        {"name", model->key},
                                                        {"sizeBytes", model->size_bytes},
                                                        {"fitEstimation", fit},
                                                        {"recommended", true},
                                                        {"downloadIdentifier", model->key},
                                                        {"indexedModelIdentifier", model->key},
                                                        {"compatibilityType", "gguf"}})})}});
}

bool send_progress(SdkChannel& channel, const Download& download) {
  const double seconds = std::chrono::duration<double>(download.model->download_time).count();
  const auto size = static_cast<double>(download.model->size_bytes);
  return channel.send(JsonValue::object(
      {{"type", "downloadProgress"},
       {"update", JsonValue::object({{"downloadedBytes", download.bytes()},
                                     {"totalBytes", download.model->size_bytes},
                                     {"speedBytesPerSecond", seconds > 0 ? size / seconds : size}})}}));
}

// False when it failed or was cancelled; a cancelled download is removed.
bool follow_download(SdkChannel& channel, const Download& download) {
  while (!download.complete()) {
    if (download.failed()) {
      channel.fail({.title = "The download of \"" + download.model->key + "\" failed"});
      return false;
    }
    if (send_progress(channel, download) && channel.wait(kProgressInterval)) continue;
    channel.simulator().library.cancel(download.id);
    return false;
  }
  return send_progress(channel, download);
}

bool download_model(SdkChannel& channel) {
  const JsonValue& key = channel.parameter()["downloadIdentifier"];
  if (!key.is_string()) return false;
  Library& library = channel.simulator().library;
  const ModelSpec* model = library.find_offer(key.as_string());
  if (!model) return channel.fail(unknown_download(key.as_string())), true;
  if (!library.on_disk(*model) && !follow_download(channel, library.download(*model))) return true;
  channel.send(JsonValue::object({{"type", "startFinalizing"}}));
  channel.send(JsonValue::object({{"type", "success"}, {"defaultIdentifier", model->key}}));
  return true;
}

constexpr std::array<SdkEndpoint, 6> kEndpoints{{{"diagnostics", "streamLogs", nullptr, stream_logs},
                                                 {"runtime", "surveyHardware", survey_hardware},
                                                 {"runtime", "listEngines", list_engines},
                                                 {"repository", "searchModels", search_models},
                                                 {"repository", "getModelDownloadOptions", download_options},
                                                 {"repository", "downloadModel", nullptr, download_model}}};

}  // namespace

std::span<const SdkEndpoint> report_endpoints() { return kEndpoints; }

}  // namespace lmstudio_sim
