// SPDX-License-Identifier: MIT
#include "config/read_config.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/json_pointer.hpp"
#include "base/members.hpp"
#include "config/host_schema.hpp"
#include "config/read_inference.hpp"
#include "config/read_load_settings.hpp"
#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

constexpr std::array<std::string_view, 9> kHostKeys{"plugin", "endpoints", "eject_for", "limits", "timeouts",
                                                    "load",   "inference", "record",    "replay"};

std::string text(const Value& value) { return std::string(value.as_string()); }

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const Value& each : list.elements()) out.push_back(text(each));
  return out;
}

std::optional<std::int64_t> integer(const Value& value) {
  if (!value.is_integer()) return std::nullopt;
  return value.as_integer();
}

std::optional<std::chrono::milliseconds> milliseconds(const Value& value) {
  if (!value.is_integer()) return std::nullopt;
  return std::chrono::milliseconds(value.as_integer());
}

std::optional<double> share(const Value& value) {
  if (value.is_string()) return parse_share(value.as_string());
  if (!value.is_number()) return std::nullopt;
  return value.as_real();
}

Timeouts read_timeouts(const Value& from) {
  return {.connect = milliseconds(from["connect"]),
          .load = milliseconds(from["load"]),
          .first_token = milliseconds(from["first_token"]),
          .between_tokens = milliseconds(from["between_tokens"]),
          .total = milliseconds(from["total"])};
}

CallLimits read_limits(const Value& from) {
  return {.concurrency = integer(from["concurrency"]),
          .requests_per_minute = integer(from["requests_per_minute"])};
}

AnswerLimits read_answer_limits(const Value& from) {
  AnswerLimits limits;
  limits.text = integer(from["text"]).value_or(limits.text);
  limits.reasoning = integer(from["reasoning"]).value_or(limits.reasoning);
  limits.arguments = integer(from["arguments"]).value_or(limits.arguments);
  limits.tool_calls = integer(from["tool_calls"]).value_or(limits.tool_calls);
  return limits;
}

PolicyConfig read_policy(const Value& from) {
  const Value& retry = from["retry"];
  PolicyConfig policy{
      .retry = {}, .limits = read_limits(from["limits"]), .answer = read_answer_limits(from["answer"])};
  policy.retry.attempts = integer(retry["attempts"]).value_or(policy.retry.attempts);
  policy.retry.backoff = milliseconds(retry["backoff"]).value_or(policy.retry.backoff);
  policy.retry.max_backoff = milliseconds(retry["max_backoff"]).value_or(policy.retry.max_backoff);
  return policy;
}

MemoryConfig read_memory(const Value& from) {
  MemoryConfig memory{.ram = integer(from["ram"]),
                      .vram = integer(from["vram"]),
                      .max_instances = integer(from["max_instances"])};
  memory.headroom = share(from["headroom"]).value_or(memory.headroom);
  memory.patience = milliseconds(from["patience"]).value_or(memory.patience);
  return memory;
}

CacheConfig read_cache(const Value& from) {
  CacheConfig cache{.enabled = from["enabled"].as_bool(),
                    .file = text(from["file"]),
                    .replay_timing = from["replay_timing"].as_bool()};
  cache.ttl = milliseconds(from["ttl"]).value_or(cache.ttl);
  cache.max_size = integer(from["max_size"]).value_or(cache.max_size);
  return cache;
}

Value own_settings(const Value& from) {
  Value settings = Value::object();
  for (const Member& member : from.members())
    if (std::find(kHostKeys.begin(), kHostKeys.end(), member.key) == kHostKeys.end())
      settings.set(member.key, member.value);
  return settings;
}

std::optional<ReplayConfig> read_replay(const Value& from) {
  if (from.is_null()) return std::nullopt;
  ReplayConfig replay{.file = text(from["file"])};
  if (from["match"].as_string() == "loose") replay.match = ReplayConfig::Match::loose;
  if (from["timing"].as_string() == "recorded") replay.timing = ReplayConfig::Timing::recorded;
  return replay;
}

ProviderConfig read_provider(const std::string& id, const Value& from) {
  ProviderConfig provider{.id = id,
                          .plugin = text(from["plugin"]),
                          .settings = own_settings(from),
                          .endpoints = texts(from["endpoints"]),
                          .limits = read_limits(from["limits"]),
                          .timeouts = read_timeouts(from["timeouts"]),
                          .load = read_load(from["load"]),
                          .inference = read_inference(from["inference"]),
                          .record = text(from["record"]),
                          .replay = read_replay(from["replay"])};
  provider.eject_for = milliseconds(from["eject_for"]).value_or(provider.eject_for);
  return provider;
}

ModelConfig read_model(const std::string& alias, const Value& from) {
  ModelConfig model{.alias = alias,
                    .provider = text(from["provider"]),
                    .key = text(from["key"]),
                    .load = read_load(from["load"]),
                    .inference = read_inference(from["inference"]),
                    .fallback = texts(from["fallback"]),
                    .pin = from["pin"].as_bool(),
                    .preload = from["preload"].as_bool()};
  if (from["owner"].as_string() == "jit") model.owner = ModelOwner::jit;
  if (from["cache"].is_bool()) model.cache = from["cache"].as_bool();
  model.system = text(from["system"]);
  model.min_residence = milliseconds(from["min_residence"]).value_or(model.min_residence);
  return model;
}

std::vector<ComponentConfig> read_components(const Value& from, std::string_view section) {
  std::vector<ComponentConfig> out;
  for (const Member& each : from.members()) {
    Value settings = each.value;
    for (const char* key : {"plugin", "approved"})
      if (is_host_key(section, key)) settings.erase(key);
    out.push_back({.id = each.key,
                   .plugin = text(each.value["plugin"]),
                   .settings = std::move(settings),
                   .approved = is_host_key(section, "approved") && each.value["approved"].as_bool()});
  }
  return out;
}

// A key, and its value where it is missing; without one, that is the name of the entry.
struct Preset {
  const char* key;
  std::optional<std::string> value = {};
};

// Sets the keys in every entry of a section that lacks them.
void fill(Checked& checked, const char* section, const std::vector<Preset>& presets) {
  Value* typed = checked.typed_members.find(section);  // of the same names
  Value* shown = checked.shown.find(section);
  if (!shown) return;
  std::unordered_set<std::string> filled;  // that were empty, and so had an origin of their own
  for (std::size_t i = 0; i < shown->members().size(); ++i) {
    Value& entry = base::member_at(*shown, i);
    const std::string& name = shown->members()[i].key;
    const bool was_empty = entry.members().empty();
    for (const auto& [key, value] : presets) {
      if (entry.find(key)) continue;
      entry.add(key, value ? *value : name);
      if (typed) base::member_at(*typed, i).add(key, value ? *value : name);
      std::string pointer = std::string("/") + section;
      base::append_pointer_step(pointer, name);
      if (was_empty) filled.insert(pointer);
      checked.origins.push_back({.pointer = std::move(pointer.append("/").append(key)), .place = "default"});
    }
  }
  if (!filled.empty())
    std::erase_if(checked.origins, [&](const Origin& origin) { return filled.contains(origin.pointer); });
}

// A sentence on a section that says how answers are cached, and that none is; unless it says so itself.
std::optional<std::string> idle_cache(const Config& config) {
  std::optional<std::string> place;
  for (const Origin& origin : config.origins) {
    const bool is_given = origin.pointer.starts_with("/cache/") && origin.place != "default";
    if (is_given && origin.pointer == "/cache/enabled") return std::nullopt;
    if (is_given && !place) place = origin.place;
  }
  const bool used = std::any_of(config.models.begin(), config.models.end(),
                                [](const ModelConfig& model) { return model.cache == true; });
  if (!place || used) return std::nullopt;
  return *place + ": cache: no model's answers are cached; set 'enabled', or 'cache: true' for a model";
}

}  // namespace

Config read_config(Checked checked) {
  std::optional<std::string> only_provider;
  const Value::Object& providers = checked.shown["providers"].members();
  if (providers.size() == 1) only_provider = providers.front().key;
  for (const char* section : {"providers", "tools", "monitors"}) fill(checked, section, {{"plugin"}});
  std::vector<Preset> presets{{"key"}};
  if (only_provider) presets.push_back({"provider", only_provider});
  fill(checked, "models", presets);

  Config config;
  const auto typed = [&](std::string_view section) -> const Value& { return checked.typed(section); };
  for (const auto& [id, each] : typed("providers").members())
    config.providers.push_back(read_provider(id, each));
  config.models.reserve(typed("models").members().size());
  for (const auto& [alias, each] : typed("models").members())
    config.models.push_back(read_model(alias, each));
  config.default_model = text(typed("defaults")["model"]);
  config.default_embedding_model = text(typed("defaults")["embedding_model"]);
  config.default_load = read_load(typed("defaults")["load"]);
  config.default_inference = read_inference(typed("defaults")["inference"]);
  config.plugins = {.paths = texts(typed("plugins")["paths"]),
                    .load = texts(typed("plugins")["load"]),
                    .allow = texts(typed("plugins")["allow"])};
  config.policy = read_policy(typed("policy"));
  config.memory = read_memory(typed("memory"));
  config.cache = read_cache(typed("cache"));
  config.tools = read_components(typed("tools"), "tools");
  config.monitors = read_components(typed("monitors"), "monitors");
  config.verbose = typed("verbose").as_bool();
  config.effective = std::move(checked.shown);
  config.origins = std::move(checked.origins);
  if (std::optional<std::string> idle = idle_cache(config)) config.warnings.push_back(*std::move(idle));
  return config;
}

}  // namespace tachikoma::config
