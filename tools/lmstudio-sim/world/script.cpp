// SPDX-License-Identifier: MIT
#include "world/script.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "world/response_rules.hpp"
#include "world/yaml_reader.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::int64_t kMaxContext = 100'000'000;
constexpr std::int64_t kMaxParallel = 1024;

// Either a dialect, or a mapping with the settings that the model offers.
void read_reasoning(YamlMap& map, ModelSpec& model) {
  static const std::vector<std::string> kOptions{"off", "on", "low", "medium", "high"};
  if (map.is_map("reasoning"))
    map.read_map("reasoning", "'reasoning'", [&](YamlMap& reasoning) {
      reasoning.require("dialect");
      model.reasoning = read_dialect(reasoning, "dialect").value_or(model.reasoning);
      for (const std::size_t index : reasoning.read_choices("options", kOptions))
        model.reasoning_options.push_back(kOptions[index]);
      reasoning.read("default", model.reasoning_default);
    });
  else
    model.reasoning = read_dialect(map, "reasoning").value_or(model.reasoning);
  complete_reasoning(model);
  const std::vector<std::string>& options = model.reasoning_options;
  if (!options.empty() && std::ranges::find(options, model.reasoning_default) == options.end())
    map.error("reasoning", "'default' is '" + model.reasoning_default + "', which is not one of the options");
}

// A whole number of percent, as a fraction.
void read_percent(YamlMap& map, const char* key, double& into) {
  if (!map.has(key)) return;
  std::int64_t percent = 0;
  map.read(key, percent, 0, 100);
  into = static_cast<double>(percent) / 100;
}

ModelSpec read_model(YamlMap& map) {
  ModelSpec model;
  map.require("key");
  map.read("key", model.key);
  if (map.has("key") && model.key.empty()) map.error("key", "'key' must not be empty");
  model.display_name = model.key;
  map.read("display_name", model.display_name);
  static const std::vector<std::string> kTypes{"llm", "vlm", "embedding"};
  if (const auto type = map.read_choice("type", kTypes)) model.type = kTypes[*type];
  map.read("publisher", model.publisher);
  map.read("arch", model.arch);
  if (const auto format = map.read_choice("format", {"gguf", "mlx"})) model.mlx = *format == 1;
  if (model.mlx) model.quantization = "4bit";
  map.read("quantization", model.quantization);
  map.read("params", model.params);
  map.read_size("size", model.size_bytes);
  map.read("max_context", model.max_context, 1, kMaxContext);
  model.context_length = std::min(model.context_length, model.max_context);
  map.read("context_length", model.context_length, 1, kMaxContext);
  if (model.context_length > model.max_context)
    map.error("context_length",
              "'context_length' is larger than 'max_context' (" + std::to_string(model.max_context) + ")");
  map.read("loaded", model.loaded);
  map.read("load_time", model.load_time);
  map.read("device", model.device);
  map.read("load_error", model.load_error);
  read_percent(map, "load_fails_at", model.load_fails_at);
  map.read("path", model.path);
  map.read("on_disk", model.on_disk);
  map.read("download_time", model.download_time);
  read_percent(map, "download_fails_at", model.download_fails_at);
  if (model.loaded && !model.on_disk) map.error("loaded", "a model that is not on disk can't be loaded");
  map.read("vision", model.vision);
  map.read("tools", model.tools);
  if (map.has("parallel")) map.read("parallel", model.parallel.emplace(1), 1, kMaxParallel);
  read_reasoning(map, model);
  return model;
}

void read_models(YamlMap& map, Script& script) {
  if (!map.has("models")) return;
  script.models.clear();
  map.read_list("models", "a model", [&](YamlMap& each) {
    ModelSpec model = read_model(each);
    if (std::ranges::find(script.models, model.key, &ModelSpec::key) != script.models.end())
      each.error("key", "the model '" + model.key + "' is defined twice");
    script.models.push_back(std::move(model));
  });
}

void read_websocket(YamlMap& map, WebSocketOptions& options) {
  map.read_map("websocket", "'websocket'", [&](YamlMap& websocket) {
    if (const auto upgrade = websocket.read_choice("upgrade", {"accepted", "refused", "unanswered"}))
      options.upgrade = static_cast<Upgrade>(*upgrade);
    websocket.read("auth_timeout", options.auth_timeout);
    websocket.read("exact_keys", options.exact_keys);
    websocket.read("cancel_closes", options.cancel_closes);
    websocket.read("prompt_details", options.prompt_details);
    websocket.read("server_log", options.server_log);
  });
}

ApiToken read_token(YamlMap& map) {
  ApiToken token;
  map.require("key");
  map.read("key", token.key);
  map.require("may");
  for (const std::size_t index : map.read_choices("may", {"list", "infer", "load", "download"}))
    token.may.push_back(static_cast<Permission>(index));
  return token;
}

void read_script(YamlMap& map, Script& script) {
  read_models(map, script);
  read_response_rules(map, script.rules);
  if (const auto key = unknown_key(script.rules.hold, script.models))
    map.error("hold", "there is no model '" + *key + "'");
  map.read_size("memory", script.memory_bytes);
  map.read("jit", script.jit);
  map.read("jit_ttl", script.jit_ttl);
  map.read("auto_evict", script.auto_evict);
  map.read("joins_loads", script.joins_loads);
  map.read("expiry_frees", script.expiry_frees);
  map.read("auto_fit", script.auto_fit);
  map.read("ignores", script.ignores);
  map.read("native_api", script.native_api);
  read_websocket(map, script.websocket);
  map.read_map("usage", "'usage'", [&](YamlMap& usage) {
    usage.read("length_one_low", script.usage.length_one_low);
    usage.read("embedding_zeros", script.usage.embedding_zeros);
  });
  map.read("strict_models", script.strict_models);
  map.read("require_auth", script.require_auth);
  map.read("api_key", script.api_key);
  map.read_list("tokens", "a token", [&](YamlMap& each) { script.tokens.push_back(read_token(each)); });
  if ((!script.api_key.empty() || !script.tokens.empty()) && !map.has("require_auth"))
    script.require_auth = true;
  map.read("version", script.version);
  script.vram_bytes = std::min(script.vram_bytes, script.memory_bytes / 2);
  map.read_size("vram", script.vram_bytes);
  if (script.vram_bytes > script.memory_bytes)
    map.error("vram", "'vram' is part of 'memory' and can't be larger");
}

ByteFault::Kind byte_fault_kind(FaultKind kind) {
  switch (kind) {
    case FaultKind::stall: return ByteFault::Kind::stall;
    case FaultKind::reset: return ByteFault::Kind::reset;
    case FaultKind::garbage: return ByteFault::Kind::garbage;
    case FaultKind::drip: return ByteFault::Kind::drip;
    default: return ByteFault::Kind::close;
  }
}

}  // namespace

ByteFault Fault::byte_fault() const {
  return {byte_fault_kind(kind), after_bytes, after_headers, drip_bytes, drip_interval};
}

void complete_reasoning(ModelSpec& model) {
  if (model.reasoning == ReasoningDialect::none) return;
  if (model.reasoning_options.empty() && model.reasoning == ReasoningDialect::reasoning)
    model.reasoning_options = {"low", "medium", "high"};
  if (model.reasoning_options.empty()) model.reasoning_options = {"off", "on"};
  if (!model.reasoning_default.empty()) return;
  const std::vector<std::string>& options = model.reasoning_options;
  model.reasoning_default = std::ranges::find(options, "on") != options.end() ? "on" : options.front();
}

namespace {

// Reads a script's text with `reader`; `name` stands for the file in errors.
template <typename Read, typename Reader>
std::variant<Read, Problem> read_text(const std::string& name, const std::string& text, Read read,
                                      Reader reader) {
  YamlErrors errors(name);
  const YAML::Node root = read_yaml(text, errors);
  if (errors.empty()) {
    YamlMap map(root, "the script", errors);
    reader(map, read);
    map.finish();
  }
  if (errors.empty()) return read;
  return Problem{errors.text(), "docs/simulator.md lists the keys of a script"};
}

}  // namespace

std::variant<Script, Problem> load_script(const std::string& file) {
  const auto unreadable = [&](const std::string& why) {
    return Problem{"'" + file + "': can't read the script" + why, "check its path and permissions"};
  };
  if (std::error_code failed; std::filesystem::is_directory(file, failed))
    return unreadable(": it is a folder");
  try {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return unreadable("");
    return read_text(file, text, default_world(), read_script);
  } catch (const std::ios_base::failure&) {  // the buffer throws, whatever the stream is told
    return unreadable("");
  }
}

std::variant<ResponseRules, Problem> parse_response_rules(const std::string& text) {
  return read_text("script", text, ResponseRules(), read_response_rules);
}

std::optional<std::string> unknown_key(const Held& held, const std::vector<ModelSpec>& models) {
  for (const auto* keys : {&held.loads, &held.answers})
    for (const std::string& key : *keys)
      if (std::ranges::find(models, key, &ModelSpec::key) == models.end()) return key;
  return std::nullopt;
}

std::variant<std::chrono::milliseconds, Problem> parse_idle_time(const std::string& text) {
  return read_text("idle", text, std::chrono::milliseconds(0),
                   [](YamlMap& map, std::chrono::milliseconds& time) {
                     map.require("for");
                     map.read("for", time);
                   });
}

}  // namespace lmstudio_sim
