// SPDX-License-Identifier: MIT
#include "common/errors/fault_class.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::kit {
namespace {

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool is_about_key(std::string_view words, std::string_view code) {
  return has_any(code, {"invalid_api_key", "authentication_error"}) ||
         has_any(words, {"api token is required", "malformed lm studio api token",
                         "invalid lm studio api token", "incorrect api key"});
}

bool is_about_memory(std::string_view words) {
  return has_any(words,
                 {"insufficient system resources", "out of memory", "outofmemory", "failed to allocate",
                  "cudamalloc", "insufficient memory", "not enough memory", "unable to allocate"});
}

bool is_about_context(std::string_view words) {
  return has_any(words,
                 {"exceed_context_size", "context_length_exceeded", "exceeds the available context size",
                  "greater than the context length", "maximum context length", "context the overflows",
                  "context length of only", "exceeds context", "prompt is too long",
                  "too large to process. increase the physical batch"});
}

bool is_about_loss(std::string_view words) {
  return has_any(words, {"model unloaded", "model is unloaded", "model has crashed", "channel error",
                         "model has unexpectedly", "model process exited", "model was unloaded"});
}

bool is_about_nothing_loaded(std::string_view words) {
  return has_any(words, {"no models loaded", "no model loaded"});
}

bool is_about_model(std::string_view words) {
  return has_any(words, {"invalid model identifier", "not found in downloaded models", "model not found",
                         "unknown model", "does not exist or you do not have access", "pathnotfound"});
}

// In other words than those that are known.
bool may_be_about_model(std::string_view words) {
  return has_any(words, {"model"}) && has_any(words, {"not found", "does not exist", "is not loaded"});
}

bool is_about_load(std::string_view words, std::string_view code) {
  return has_any(words, {"failed to load"}) || has_any(code, {"model_load_failed"});
}

bool is_about_images(std::string_view words) {
  return has_any(words, {"image input is not supported", "does not support images",
                         "does not support image input", "vision model is not loaded"});
}

bool is_about_embeddings(std::string_view words) {
  return has_any(words, {"does not support embeddings", "model is not embedding"});
}

bool is_about_job(std::string_view words, std::string_view code) {
  return has_any(code, {"job_not_found"}) || has_any(words, {"download job", "job not found", "unknown job"});
}

bool is_about_prompt_form(std::string_view words) {
  return has_any(words, {"jinja template", "error rendering prompt"});
}

bool is_about_request(std::string_view code) {
  return has_any(code,
                 {"invalid_request", "unrecognized_keys", "missing_required_parameter", "invalid_json"});
}

bool is_about_endpoint(std::string_view words, std::string_view code) {
  return has_any(words, {"unexpected endpoint or method"}) || has_any(code, {"not_implemented"});
}

std::optional<FaultClass> class_of_words(std::string_view words, std::string_view code) {
  if (is_about_key(words, code)) return FaultClass{ErrorCode::unauthenticated};
  if (has_any(words, {"permission denied to use"})) return FaultClass{ErrorCode::forbidden};
  if (has_any(code, {"rate_limit"})) return FaultClass{ErrorCode::rate_limited};
  if (is_about_images(words)) return FaultClass{ErrorCode::unsupported, FaultMatter::images};
  if (is_about_embeddings(words)) return FaultClass{ErrorCode::unsupported, FaultMatter::embeddings};
  if (is_about_memory(words)) return FaultClass{ErrorCode::insufficient_memory};
  if (is_about_context(words) || is_about_context(code)) return FaultClass{ErrorCode::context_too_long};
  if (is_about_loss(words)) return FaultClass{ErrorCode::model_lost};
  return std::nullopt;
}

// What an overloaded server may say as well.
std::optional<FaultClass> class_of_names(std::string_view words, std::string_view code) {
  if (is_about_prompt_form(words)) return FaultClass{ErrorCode::invalid_argument, FaultMatter::prompt_form};
  if (is_about_job(words, code)) return FaultClass{ErrorCode::invalid_argument, FaultMatter::job};
  if (has_any(code, {"mcp_connection_error", "plugin_connection_error"}))
    return FaultClass{ErrorCode::tool_failed, FaultMatter::tool};
  if (is_about_nothing_loaded(words))
    return FaultClass{ErrorCode::model_not_found, FaultMatter::nothing_loaded};
  if (is_about_model(words) || is_about_model(code)) return FaultClass{ErrorCode::model_not_found};
  if (is_about_load(words, code)) return FaultClass{ErrorCode::protocol, FaultMatter::load};
  if (has_any(code, {"model_not_found"}) || may_be_about_model(words))
    return FaultClass{ErrorCode::model_not_found};
  if (is_about_endpoint(words, code)) return FaultClass{ErrorCode::unsupported, FaultMatter::endpoint};
  return std::nullopt;
}

FaultClass class_of_status(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422: return {ErrorCode::invalid_argument};
    case 501: return {ErrorCode::unsupported, FaultMatter::endpoint};
    case 502:
    case 504: return {ErrorCode::unreachable};
    default: return {ErrorCode::protocol};
  }
}

}  // namespace

FaultClass classify(int status, const ServerFault& fault) {
  const std::string words = base::to_lower(fault.message);
  if (status == 401) return {ErrorCode::unauthenticated};
  if (status == 403) return {ErrorCode::forbidden};
  if (status == 429) return {ErrorCode::rate_limited};
  if (const auto known = class_of_words(words, fault.code)) return *known;
  if (status == 503 || status == 529 || has_any(fault.code, {"overloaded", "unavailable_error"}))
    return {ErrorCode::overloaded};
  if (const auto known = class_of_names(words, fault.code)) return *known;
  if (status < 300 && is_about_request(fault.code)) return {ErrorCode::invalid_argument};
  return class_of_status(status);
}

std::optional<std::int64_t> required_bytes(std::string_view message) {
  constexpr std::string_view kLead = "approximately ";
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"tb", 1e12}, {"gib", 1024.0 * 1024 * 1024}, {"gb", 1e9}, {"mib", 1024.0 * 1024}, {"mb", 1e6}};
  const std::string lower = base::to_lower(message);
  std::string_view words = lower;
  const std::size_t at = words.find(kLead);
  if (at == std::string_view::npos) return std::nullopt;
  words.remove_prefix(at + kLead.size());
  double amount = 0;
  const auto [end, failure] = std::from_chars(words.data(), words.data() + words.size(), amount);
  if (failure != std::errc() || !(amount > 0) || amount > 1e6) return std::nullopt;
  words.remove_prefix(static_cast<std::size_t>(end - words.data()));
  while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
  for (const auto& [unit, bytes] : kUnits)
    if (words.starts_with(unit)) return static_cast<std::int64_t>(amount * bytes);
  return std::nullopt;
}

std::vector<std::string> listed_models(std::string_view message) {
  constexpr std::string_view kSample = "(e.g., ", kAll = "Your models:", kBlank = " \t\r\n";
  std::string_view list;
  if (const std::size_t at = message.find(kSample); at != std::string_view::npos) {
    list = message.substr(at + kSample.size());
    list = list.substr(0, list.find(')'));
  } else if (const std::size_t all = message.find(kAll); all != std::string_view::npos) {
    list = message.substr(all + kAll.size());
  }
  std::vector<std::string> models;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",\n"), list.size());
    std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    name.remove_prefix(std::min(name.find_first_not_of(kBlank), name.size()));
    name = name.substr(0, name.find_last_not_of(kBlank) + 1);
    if (!name.empty()) models.emplace_back(name);
  }
  return models;
}

}  // namespace tachikoma::kit
