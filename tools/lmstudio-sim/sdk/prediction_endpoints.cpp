// SPDX-License-Identifier: MIT
#include <array>

#include "model/text_embedding.hpp"
#include "model/word_tokens.hpp"
#include "sdk/model_info.hpp"
#include "sdk/prediction.hpp"

namespace lmstudio_sim {

namespace {

// The error when no loaded model matches a specifier.
std::optional<SdkError> missing(const SdkCall& call, const JsonValue& specifier) {
  auto found = find_loaded(call.simulator, call.space, specifier);
  if (auto* error = std::get_if<SdkError>(&found)) return std::move(*error);
  return std::nullopt;
}

bool has_input(const JsonValue& parameter, const char* specifier) {
  return is_specifier(parameter[specifier]) && parameter["inputString"].is_string();
}

// A hash, so that a token always has the same number.
std::int64_t token_number(std::string_view token) {
  std::uint32_t number = 2166136261;  // FNV-1a
  for (const char c : token) number = (number ^ static_cast<unsigned char>(c)) * 16777619;
  return number % 100'000;
}

std::optional<RpcOutcome> tokenize_string(const SdkCall& call) {
  if (!has_input(call.parameter, "specifier")) return std::nullopt;
  if (auto error = missing(call, call.parameter["specifier"])) return *error;
  JsonValue tokens = JsonValue::array();
  for (const std::string_view token : tokenize(call.parameter["inputString"].as_string()))
    tokens.push_back(token_number(token));
  return JsonValue::object({{"tokens", std::move(tokens)}});
}

std::optional<RpcOutcome> count_string_tokens(const SdkCall& call) {
  if (!has_input(call.parameter, "specifier")) return std::nullopt;
  if (auto error = missing(call, call.parameter["specifier"])) return *error;
  const std::size_t count = count_tokens(call.parameter["inputString"].as_string());
  return JsonValue::object({{"tokenCount", static_cast<std::int64_t>(count)}});
}

std::optional<RpcOutcome> embed_string(const SdkCall& call) {
  if (!has_input(call.parameter, "modelSpecifier")) return std::nullopt;
  auto found = find_loaded(call.simulator, call.space, call.parameter["modelSpecifier"]);
  if (const auto* error = std::get_if<SdkError>(&found)) return *error;
  const LoadedModels::InstanceUse use(call.simulator.loaded_models,
                                      std::get<Served>(found).instance.reference, Work::embedding);
  JsonValue embedding = JsonValue::array();
  for (const double each : embed(call.parameter["inputString"].as_string())) embedding.push_back(each);
  return JsonValue::object({{"embedding", std::move(embedding)}});
}

std::optional<RpcOutcome> apply_prompt_template(const SdkCall& call) {
  const JsonValue& parameter = call.parameter;
  if (!is_specifier(parameter["specifier"]) || !is_history(parameter["history"])) return std::nullopt;
  if (auto error = missing(call, parameter["specifier"])) return *error;
  const auto request = read_prediction(parameter, call.simulator.uploads);
  if (const auto* error = std::get_if<SdkError>(&request)) return *error;
  return JsonValue::object({{"formatted", prompt_text(std::get<PredictionRequest>(request))}});
}

std::optional<RpcOutcome> base_prediction_config(const SdkCall& call) {
  if (!is_specifier(call.parameter["specifier"])) return std::nullopt;
  if (auto error = missing(call, call.parameter["specifier"])) return *error;
  return PredictionConfig().fields();
}

// The simulator does not load draft models; the model must only exist.
std::optional<RpcOutcome> preload_draft_model(const SdkCall& call) {
  const JsonValue& key = call.parameter["draftModelKey"];
  if (!is_specifier(call.parameter["specifier"]) || !key.is_string()) return std::nullopt;
  if (auto error = missing(call, call.parameter["specifier"])) return *error;
  const auto draft = find_model(call.simulator, call.space, key.as_string());
  if (const auto* error = std::get_if<SdkError>(&draft)) return *error;
  return JsonValue();
}

std::optional<RpcOutcome> upload_file(const SdkCall& call) {
  const JsonValue& name = call.parameter["name"];
  const JsonValue& content = call.parameter["contentBase64"];
  if (!name.is_string() || !content.is_string()) return std::nullopt;
  const auto size = decoded_size(content.as_string());
  if (!size)
    return SdkError{.title = "The content of \"" + std::string(name.as_string()) + "\" is not base64"};
  const UploadedFile file = uploaded_file(std::string(name.as_string()), *size);
  return JsonValue::object({{"identifier", call.simulator.uploads.keep(file)},
                            {"fileType", file.type},
                            {"sizeBytes", static_cast<std::int64_t>(*size)}});
}

constexpr std::array<SdkEndpoint, 11> kEndpoints{{{"llm", "predict", nullptr, predict},
                                                  {"llm", "completeRawText", nullptr, complete_raw_text},
                                                  {"llm", "applyPromptTemplate", apply_prompt_template},
                                                  {"llm", "getBasePredictionConfig", base_prediction_config},
                                                  {"llm", "preloadDraftModel", preload_draft_model},
                                                  {"llm", "tokenize", tokenize_string},
                                                  {"llm", "countTokens", count_string_tokens},
                                                  {"embedding", "tokenize", tokenize_string},
                                                  {"embedding", "countTokens", count_string_tokens},
                                                  {"embedding", "embedString", embed_string},
                                                  {"files", "uploadFileBase64", upload_file}}};

}  // namespace

std::span<const SdkEndpoint> prediction_endpoints() { return kEndpoints; }

}  // namespace lmstudio_sim
