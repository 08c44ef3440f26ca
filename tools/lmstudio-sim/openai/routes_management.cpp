// SPDX-License-Identifier: MIT
#include <array>
#include <cstdio>
#include <ctime>

#include "openai/native_body.hpp"
#include "openai/routes.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::array<NativeField, 8> kLoadFields{{{"model", &JsonValue::is_string, "string", true},
                                                  {"context_length", &JsonValue::is_integer, "integer"},
                                                  {"eval_batch_size", &JsonValue::is_integer, "integer"},
                                                  {"flash_attention", &JsonValue::is_bool, "boolean"},
                                                  {"num_experts", &JsonValue::is_integer, "integer"},
                                                  {"offload_kv_cache_to_gpu", &JsonValue::is_bool, "boolean"},
                                                  {"parallel", &JsonValue::is_integer, "integer"},
                                                  {"echo_load_config", &JsonValue::is_bool, "boolean"}}};
constexpr std::array<NativeField, 1> kUnloadFields{{{"instance_id", &JsonValue::is_string, "string", true}}};
constexpr std::array<NativeField, 2> kDownloadFields{
    {{"model", &JsonValue::is_string, "string", true}, {"quantization", &JsonValue::is_string, "string"}}};

WireError not_found(const std::string& message) {
  return native_error(404, "model_not_found", "", "", message);
}

WireError load_failed(std::string_view message) {
  return native_error(500, "model_load_failed", "", "", message);
}

// The requested settings, with the WebSocket's keys.
JsonValue requested_settings(const ModelSpec& model, const JsonValue& body) {
  const bool embedding = model.type == "embedding";
  JsonValue settings = JsonValue::object();
  if (!embedding) settings.set("llm.load.llama.autoFit", false);
  const auto copy = [&](const char* key, const char* name) {
    if (const JsonValue* value = body.find(key)) settings.set(name, *value);
  };
  copy("context_length", embedding ? "embedding.load.contextLength" : "llm.load.contextLength");
  copy("eval_batch_size", embedding ? "embedding.load.llama.evalBatchSize" : "llm.load.llama.evalBatchSize");
  copy("flash_attention", "llm.load.llama.flashAttention");
  copy("num_experts", "llm.load.numExperts");
  copy("offload_kv_cache_to_gpu", "llm.load.offloadKVCacheToGpu");
  copy("parallel", "llm.load.numParallelSessions");
  return settings;
}

// Waits for a load; false when it failed or the client left, and its memory was released.
bool await_load(Call& call, const ModelSpec& model, const Instance& instance) {
  const bool fails = !model.load_error.empty();
  const auto time =
      std::chrono::duration<double, std::micro>(model.load_time) * (fails ? model.load_fails_at : 1);
  const bool stayed = call.simulator.loaded_models.wait(
      instance.reference, LoadedModels::Part::load,
      std::chrono::duration_cast<std::chrono::microseconds>(time), call.waiter());
  if (stayed && !fails && call.simulator.loaded_models.finish_load(instance.reference)) return true;
  call.simulator.loaded_models.unload(instance.reference);
  call.simulator.journal.note(call.id, "the load of " + instance.id + " ended; its memory was released");
  if (!stayed)
    call.outcome = "stopped";
  else
    call.fail(load_failed(fails ? model.load_error : kUnloaded));
  return false;
}

// "2026-01-01T00:00:00.000Z"
std::string iso_time(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(since % 1000));
  return text.data();
}

std::string_view status_of(const Download& download) {
  return download.failed() ? "failed" : download.complete() ? "completed" : "downloading";
}

JsonValue download_entry(const Download& download) {
  const auto whole = download.model->download_time;
  const std::string end = iso_time(download.started_at + whole);
  JsonValue entry = JsonValue::object({{"job_id", download.id},
                                       {"status", status_of(download)},
                                       {"total_size_bytes", download.model->size_bytes},
                                       {"started_at", iso_time(download.started_at)}});
  if (download.complete()) entry.set("completed_at", end);
  if (status_of(download) != "downloading") return entry;
  entry.set("downloaded_bytes", download.bytes());
  entry.set("bytes_per_second", download.model->size_bytes * 1000 / whole.count());
  entry.set("estimated_completion", end);
  return entry;
}

// The key in a link to Hugging Face; anything else unchanged.
std::string_view key_of(std::string_view model) {
  static constexpr std::string_view kSite = "https://huggingface.co/";
  if (model.starts_with(kSite)) model.remove_prefix(kSite.size());
  return model;
}

}  // namespace

void native_load(Call& call) {
  if (const auto error = check_native_body(call.body, kLoadFields)) return call.fail(*error);
  const ModelSpec* model = call.simulator.library.find(call.model);
  if (!model) return call.fail(not_found("Model " + call.model + " not found in downloaded models"));
  const auto start = std::chrono::steady_clock::now();
  const JsonValue settings = requested_settings(*model, call.body);
  const auto started = call.simulator.loaded_models.start_load(*model, {.settings = settings});
  const auto* instance = std::get_if<Instance>(&started);
  if (!instance)
    return call.fail(
        load_failed(guardrail_text(call.simulator.loaded_models.estimate(*model, settings).first.total())));
  if (!await_load(call, *model, *instance)) return;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  JsonValue reply = JsonValue::object({{"type", model->type == "embedding" ? "embedding" : "llm"},
                                       {"instance_id", instance->id},
                                       {"load_time_seconds", time.count()},
                                       {"status", "loaded"}});
  if (call.body["echo_load_config"].as_bool())
    reply.set("load_config", native_load_config(*model, instance->settings));
  call.exchange.send_json(200, reply);
}

void native_unload(Call& call) {
  if (const auto error = check_native_body(call.body, kUnloadFields)) return call.fail(*error);
  const std::string id(call.body["instance_id"].as_string());
  for (const Instance& each : call.simulator.loaded_models.instances())
    if (each.id == id && each.ready() && call.simulator.loaded_models.unload(each.reference))
      return call.exchange.send_json(200, JsonValue::object({{"instance_id", id}}));
  call.fail(not_found("Model with instance identifier '" + id + "' is not loaded."));
}

void native_download(Call& call) {
  if (const auto error = check_native_body(call.body, kDownloadFields)) return call.fail(*error);
  Library& library = call.simulator.library;
  const ModelSpec* model = library.find_offer(key_of(call.model));
  if (!model) return call.fail(not_found("Model " + call.model + " not found"));
  if (library.on_disk(*model))
    return call.exchange.send_json(200, JsonValue::object({{"status", "already_downloaded"}}));
  JsonValue reply = download_entry(library.download(*model));
  for (const char* key : {"downloaded_bytes", "bytes_per_second", "estimated_completion"}) reply.erase(key);
  call.exchange.send_json(200, reply);
}

void native_download_status(Call& call, std::string_view id) {
  const std::optional<Download> download = call.simulator.library.find_download(id);
  if (download) return call.exchange.send_json(200, download_entry(*download));
  call.fail(native_error(404, "job_not_found", "", "", "Download job '" + std::string(id) + "' not found"));
}

}  // namespace lmstudio_sim
