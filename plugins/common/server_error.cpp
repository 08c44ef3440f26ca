// SPDX-License-Identifier: MIT
#include "common/server_error.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <initializer_list>

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Timespan.h>

#include "base/ascii.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace tachikoma::kit {
namespace {

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words)
    if (text.find(word) != std::string_view::npos) return true;
  return false;
}

std::string scalar_text(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : value.is_null() ? "" : base::to_json(value);
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
                  "context length of only", "exceeds context", "prompt is too long"});
}

bool is_about_loss(std::string_view words) {
  return has_any(words, {"model unloaded", "model is unloaded", "model has crashed", "channel error",
                         "model has unexpectedly", "model process exited", "model was unloaded"});
}

bool is_about_model(std::string_view words) {
  if (has_any(words, {"model_not_found", "invalid model identifier", "not found in downloaded models",
                      "no models loaded", "no model loaded", "model not found", "unknown model",
                      "does not exist or you do not have access"}))
    return true;
  return has_any(words, {"model"}) && has_any(words, {"not found", "does not exist", "is not loaded"});
}

bool is_about_load(std::string_view words) {
  return has_any(words, {"failed to load model", "model_load_failed", "failed to load"});
}

bool is_about_images(std::string_view words) {
  return has_any(words, {"image input is not supported", "does not support images",
                         "does not support image input", "vision model is not loaded"});
}

bool is_about_embeddings(std::string_view words) {
  return has_any(words, {"does not support embeddings", "model is not embedding"});
}

// What the model can't do, though the server could.
bool is_about_ability(std::string_view words) { return is_about_images(words) || is_about_embeddings(words); }

// "requires approximately 63.2 GB" in bytes; -1 when the text names no amount.
std::int64_t required_bytes(std::string_view words) {
  const std::size_t at = words.find("approximately ");
  if (at == std::string_view::npos) return -1;
  words.remove_prefix(at + 14);
  double amount = 0;
  const auto [end, failure] = std::from_chars(words.data(), words.data() + words.size(), amount);
  if (failure != std::errc() || amount <= 0 || amount > 1e6) return -1;
  words.remove_prefix(static_cast<std::size_t>(end - words.data()));
  while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
  const double unit = words.starts_with("tb")    ? 1e12
                      : words.starts_with("gib") ? 1024.0 * 1024 * 1024
                      : words.starts_with("gb")  ? 1e9
                      : words.starts_with("mib") ? 1024.0 * 1024
                      : words.starts_with("mb")  ? 1e6
                                                 : 0;
  return unit > 0 ? static_cast<std::int64_t>(amount * unit) : -1;
}

ErrorCode classify(int status, const std::string& words, const std::string& code) {
  if (status == 401 || has_any(code, {"invalid_api_key", "authentication_error"}))
    return ErrorCode::unauthenticated;
  if (status == 403) return ErrorCode::forbidden;
  if (status == 429 || has_any(code, {"rate_limit"})) return ErrorCode::rate_limited;
  if (is_about_ability(words)) return ErrorCode::unsupported;
  if (is_about_memory(words)) return ErrorCode::insufficient_memory;
  if (is_about_context(words) || is_about_context(code)) return ErrorCode::context_too_long;
  if (is_about_loss(words)) return ErrorCode::model_lost;
  if (status == 503 || status == 529 || has_any(code, {"overloaded", "unavailable_error"}))
    return ErrorCode::overloaded;
  if (is_about_model(words) || is_about_model(code)) return ErrorCode::model_not_found;
  if (status == 501 || has_any(words, {"unexpected endpoint or method"})) return ErrorCode::unsupported;
  if (status == 502 || status == 504) return ErrorCode::unreachable;
  if ((status == 400 || status == 413 || status == 422) && !is_about_load(words))
    return ErrorCode::invalid_argument;
  return ErrorCode::protocol;
}

std::string_view hint_for_unsupported(const std::string& words) {
  if (is_about_images(words))
    return "choose a model with vision (a GGUF needs its mmproj file), or leave the images out";
  if (is_about_embeddings(words))
    return "choose a model for embeddings; llama.cpp's server must be started with --embeddings";
  return "update the server, or check that base_url ends where its API starts";
}

std::string hint_for(ErrorCode code, int status, const RequestFacts& facts, const std::string& words = {}) {
  switch (code) {
    case ErrorCode::unauthenticated: return "set api_key in the provider's configuration to a valid key";
    case ErrorCode::forbidden: return "use an api_key that has this permission";
    case ErrorCode::model_not_found: return "list the models that the server has with: tachikoma models";
    case ErrorCode::insufficient_memory: return "choose a smaller model or context, or unload another model";
    case ErrorCode::context_too_long: return "shorten the prompt, or load the model with a larger context";
    case ErrorCode::overloaded: return "wait until the server is ready, then ask again";
    case ErrorCode::rate_limited: return "wait, then ask again";
    case ErrorCode::model_lost: return "ask again; the server's log says why the model went away";
    case ErrorCode::unsupported: return std::string(hint_for_unsupported(words));
    case ErrorCode::unreachable: return "a proxy answered; check that the server behind it runs";
    case ErrorCode::invalid_argument: return "";
    default: break;
  }
  if (status == 404) return "check that base_url '" + facts.base_url + "' is where the API starts";
  return status >= 500 ? "look at the server's log" : "";
}

std::string subject(const RequestFacts& facts) {
  return (facts.server.empty() ? "the server" : facts.server) + " at " + facts.base_url;
}

std::string lead(ErrorCode code, int status, const RequestFacts& facts, const std::string& words) {
  const std::string who = subject(facts);
  switch (code) {
    case ErrorCode::unauthenticated: return who + " wants a valid key";
    case ErrorCode::forbidden: return who + " refuses this to the given key";
    case ErrorCode::model_not_found: return who + " has no model '" + facts.model + "'";
    case ErrorCode::insufficient_memory: return who + " has too little memory for '" + facts.model + "'";
    case ErrorCode::context_too_long: return "the prompt is too long for '" + facts.model + "'";
    case ErrorCode::overloaded: return who + " is not ready for more work";
    case ErrorCode::rate_limited: return who + " limits the rate of requests";
    case ErrorCode::model_lost: return who + " lost the model '" + facts.model + "' during the answer";
    case ErrorCode::unsupported:
      return who +
             (is_about_ability(words) ? " can't do this with '" + facts.model + "'" : " does not offer this");
    case ErrorCode::invalid_argument: return who + " refuses the request";
    default: break;
  }
  return who + (status >= 300 ? " failed with HTTP status " + std::to_string(status) : " reports a failure");
}

// Of a Retry-After header: seconds, or a date. Nothing when it is neither, or beyond a day.
std::optional<std::chrono::milliseconds> read_retry_after(std::string_view header) {
  constexpr std::int64_t kDay = 86400;
  std::int64_t seconds = -1;
  int zone = 0;
  Poco::DateTime date;
  if (std::all_of(header.begin(), header.end(), [](char c) { return c >= '0' && c <= '9'; }))
    std::from_chars(header.data(), header.data() + header.size(), seconds);
  else if (Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, std::string(header), date, zone))
    seconds = std::max<std::int64_t>((date - Poco::DateTime()).totalSeconds(), 0);
  if (seconds < 0 || seconds > kDay) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank = false;
  for (char c : base::repair_utf8(text.substr(0, limit + 4))) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!space) out += c;
    if (space && !blank && !out.empty()) out += ' ';
    blank = space;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  const bool cut = out.size() > limit || text.size() > limit + 4;
  while (out.size() > limit || (cut && !out.empty() && !base::is_utf8(out))) out.pop_back();
  return cut ? out + "…" : out;
}

std::optional<ServerFault> find_fault(const Value& reply) {
  const Value* error = reply.find("error");
  const bool wrapped = error && !error->is_null();
  const Value& holder = wrapped ? *error : reply;
  if (wrapped && error->is_string()) return ServerFault{std::string(error->as_string()), ""};
  if (!wrapped && (reply.find("choices") || reply.find("data") || reply.find("models"))) return std::nullopt;
  ServerFault fault;
  for (std::string_view key : {"message", "detail", "title"})
    if (fault.message.empty()) fault.message = scalar_text(holder[key]);
  if (!wrapped && fault.message.empty()) return std::nullopt;
  if (fault.message.empty()) fault.message = base::to_json(holder);
  fault.code = base::to_lower(scalar_text(holder["code"]) + " " + scalar_text(holder["type"]));
  return fault;
}

Error error_from_fault(const ServerFault& fault, int status, std::string_view retry_after,
                       const RequestFacts& facts) {
  const std::string words = base::to_lower(fault.message);
  const ErrorCode code = classify(status, words, fault.code);
  std::string message = lead(code, status, facts, words);
  if (!fault.message.empty()) message += ": \"" + excerpt(fault.message, 400) + '"';
  Error error(code, std::move(message), hint_for(code, status, facts, words));
  error.http_status = status >= 300 ? status : 0;
  if (code == ErrorCode::model_not_found) error.detail.set("name", facts.model);
  if (code == ErrorCode::insufficient_memory) {
    const std::int64_t required = required_bytes(words);
    if (required > 0) error.detail.set("required_bytes", required);
  }
  // a server's own failure passes more often than not; a load that failed would only fail again, slowly
  if (code == ErrorCode::protocol && status == 500 && !is_about_load(words + fault.code))
    error.retryable = true;
  if (const auto wait = read_retry_after(retry_after)) error.detail.set("retry_after_ms", wait->count());
  return error;
}

Error error_from_reply(std::string_view body, int status, std::string_view retry_after,
                       const RequestFacts& facts) {
  if (const Result<Value> reply = base::parse_json(body); reply && reply->is_object())
    if (const auto fault = find_fault(*reply)) return error_from_fault(*fault, status, retry_after, facts);
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && body[start] == '<') {
    Error error(ErrorCode::protocol,
                subject(facts) + " answered with a web page (HTTP status " + std::to_string(status) +
                    "), not with JSON",
                hint_for(ErrorCode::protocol, status == 200 ? 404 : status, facts));
    if (status == 401 || status == 403 || status == 503 || status == 502 || status == 504)
      error = error_from_fault({"a web page", ""}, status, retry_after, facts);
    error.http_status = status;
    error.retryable = error.retryable || status == 500;  // LM Studio's, at the instant when a load begins
    return error;
  }
  return error_from_fault({start == std::string_view::npos ? "" : std::string(body.substr(start, 1000)), ""},
                          status, retry_after, facts);
}

}  // namespace tachikoma::kit
