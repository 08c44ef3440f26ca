// SPDX-License-Identifier: MIT
#include "sdk/prediction_config.hpp"

#include <algorithm>

#include "http/json_value.hpp"
#include "sdk/kv_config.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::string_view kPrefix = "llm.prediction.";
constexpr std::string_view kOwnPrefix = "ext.virtualModel.customField.";

// The model's defaults, from LM Studio's schemas. They also show the type of each setting.
const JsonValue& defaults() {
  static const JsonValue parsed = parse_json(R"({
    "temperature": 0.8,
    "contextOverflowPolicy": "truncateMiddle",
    "maxPredictedTokens": {"checked": false, "value": 1000},
    "stopStrings": [],
    "toolCallStopStrings": [],
    "structured": {"type": "none"},
    "speculativeDecoding.draftModel": "",
    "speculativeDecoding.minDraftLengthToConsider": 0,
    "speculativeDecoding.numReuseTokens": 256,
    "speculativeDecoding.minContinueDraftingProbability": 0.75,
    "speculativeDecoding.maxTokensToDraft": 16,
    "speculativeDecoding.numDraftTokensExact": 2,
    "tools": {"type": "none"},
    "toolChoice": {"type": "generic", "mode": "auto"},
    "toolNaming": "removeSpecial",
    "promptTemplate": {"type": "jinja", "stopStrings": []},
    "systemPrompt": "",
    "seed": {"checked": false, "value": -1},
    "contextPrefill": [],
    "topKSampling": 40,
    "repeatPenalty": {"checked": true, "value": 1.1},
    "minPSampling": {"checked": true, "value": 0.05},
    "topPSampling": {"checked": true, "value": 0.95},
    "logProbs": {"checked": false, "value": 0},
    "reasoning.enableThinking": true,
    "reasoning.budgetTokens": {"checked": false, "value": 1024},
    "reasoning.parsing": {"enabled": true, "startString": "<think>", "endString": "</think>"},
    "llama.cpuThreads": 4,
    "llama.frequencyPenalty": {"checked": false, "value": 0.0},
    "llama.presencePenalty": {"checked": false, "value": 0.0},
    "llama.mirostatSampling": {"version": 0, "learningRate": 0.1, "targetEntropy": 5},
    "llama.tailFreeSampling": {"checked": false, "value": 0.95},
    "llama.locallyTypicalSampling": {"checked": false, "value": 0.9},
    "llama.xtcProbability": {"checked": false, "value": 0.0},
    "llama.xtcThreshold": {"checked": false, "value": 0.1},
    "llama.logitBias": []
  })")
                                      .value();
  return parsed;
}

// True when a value has the type of the default, and all members that it must have.
bool has_form_of(const JsonValue& model, const JsonValue& value) {
  if (model.is_number()) return value.is_number();
  if (!model.is_like(value)) return false;
  return std::ranges::all_of(model.members(), [&](const JsonValue::Member& member) {
    const auto& [key, model_value] = member;
    const bool optional = key == "stopStrings" || key == "mode";
    const JsonValue* other = value.find(key);
    return other ? has_form_of(model_value, *other) : optional;
  });
}

std::string whole_key(std::string_view key) { return std::string(kPrefix) + std::string(key); }

}  // namespace

PredictionConfig::PredictionConfig(const JsonValue& stack) : settings_(JsonValue::object()) {
  for (const auto& [key, value] : defaults().members()) settings_.set(whole_key(key), value);
  const JsonValue requested = read_kv_stack(stack).value_or(JsonValue());
  for (const auto& [key, value] : requested.members()) {
    if (key.starts_with(kOwnPrefix)) {
      settings_.set(key, value);
      if (key.ends_with(".reasoningEffort")) effort_ = value.as_string();
    } else if (JsonValue* setting = settings_.find(key); setting && has_form_of(*setting, value)) {
      *setting = value;
    }
  }
}

const JsonValue& PredictionConfig::get(std::string_view key) const { return settings_[whole_key(key)]; }

const JsonValue& PredictionConfig::checked(std::string_view key) const {
  static const JsonValue none;
  const JsonValue& box = get(key);
  return box["checked"].as_bool() ? box["value"] : none;
}

JsonValue PredictionConfig::fields() const { return kv_config(settings_); }

}  // namespace lmstudio_sim
