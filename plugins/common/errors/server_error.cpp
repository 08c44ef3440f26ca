// SPDX-License-Identifier: MIT
#include "common/errors/server_error.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/utf8.hpp"
#include "common/errors/fault_class.hpp"
#include "common/errors/fault_members.hpp"
#include "common/errors/fault_wording.hpp"
#include "common/errors/http_date.hpp"
#include "common/errors/lmstudio_faults.hpp"
#include "common/net/poco_library.hpp"

namespace tachikoma::kit {
namespace {

std::string scalar_text(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : value.is_null() ? "" : base::to_json(value);
}

// Parses a Retry-After header: seconds, which some servers write with a fraction, or a date. Nullopt if it is
// neither. A time without bound is a very long one.
std::optional<std::chrono::milliseconds> read_retry_after(std::string_view header) {
  constexpr double kLongest = 1e12;  // seconds
  double seconds = -1;
  const auto [end, failure] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (end == header.data() + header.size() && !header.empty()) {
    if (failure == std::errc::result_out_of_range) seconds = kLongest;
  } else {
    const Result<void*> read = poco_symbol("tachikoma_read_http_date");
    const std::optional<double> date =
        read ? reinterpret_cast<ReadHttpDate*>(*read)(std::string(header)) : std::nullopt;
    if (!date) return std::nullopt;
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    seconds = std::max(0.0, *date - now.count());
  }
  if (!(seconds >= 0)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, kLongest) * 1000));
}

// Some servers have an `error` in each reply, also in good ones.
bool says_nothing(const Value& error) {
  return error.is_null() || (error.is_bool() && !error.as_bool()) ||
         (error.is_string() && error.as_string().find_first_not_of(' ') == std::string_view::npos) ||
         (error.is_object() && error.members().empty()) || (error.is_array() && error.elements().empty());
}

bool is_web_page(std::string_view body) {
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && body[start] == '<';
}

Error error_from_page(std::string_view page, int status, std::string_view retry_after,
                      const RequestFacts& facts) {
  const std::string words = words_of_page(page);
  Error error = error_from_fault({words.empty() ? "a web page" : words, ""}, status, retry_after, facts);
  const bool says_nothing = words.empty() && error.code == ErrorCode::invalid_argument;
  if (error.code != ErrorCode::protocol && !says_nothing) return error;
  const FaultClass what{ErrorCode::protocol, classify(status, {words, ""}).matter};
  if (what.matter != FaultMatter::other) return error;
  error = Error(ErrorCode::protocol,
                server_name(facts) + " answered with a web page (HTTP status " + std::to_string(status) +
                    "), not with JSON",
                fault_hint(what, status == 200 ? 404 : status, facts));
  if (!words.empty()) error.message += ": \"" + base::excerpt(words, 400) + '"';
  error.http_status = status;
  error.retryable = status == 500;  // LM Studio sends one at the moment when a load begins
  return error;
}

void add_names(Error& error, const std::string& message, const RequestFacts& facts) {
  if (!facts.model.empty()) error.detail.set("name", facts.model);
  const std::vector<std::string> listed = listed_models(message);
  if (listed.empty()) return;
  const std::vector<std::string> near = base::nearest(facts.model, listed);
  if (!near.empty()) {
    error.detail.set("near", base::array_of(near));
    error.hint = base::did_you_mean(near);
  }
  error.detail.set("available", base::array_of(listed));
}

// What a member that tells errors says: of the reply, or of its first choice. Of several errors, the first.
const Value* find_error(const Value& reply) {
  const Value::Array& choices = reply["choices"].elements();
  for (const Value* holder : {&reply, choices.empty() ? nullptr : &choices.front()}) {
    if (!holder) continue;
    for (const FaultMember& member : kFaultMembers) {
      const Value* error = member.says == FaultMember::Says::error ? holder->find(member.name) : nullptr;
      if (!error || says_nothing(*error)) continue;
      return error->is_array() ? &error->elements().front() : error;
    }
  }
  return nullptr;
}

// An error within an error, and JSON in its text: what a gateway passes on of the server behind it.
constexpr int kDeepestFault = 3;

/// Members of a whole reply in which servers tell errors; a stream has none of them.
constexpr std::string_view kMembersOfReplies[] = {
    "Message",      // AWS
    "faultstring",  // Apigee, in a `fault`
};

std::optional<ServerFault> find_fault_within(const Value& reply, int depth);

std::string joined(const std::string& one, const std::string& other) {
  if (one.find(other) != std::string::npos) return one;
  return one.empty() || other.find(one) != std::string::npos ? other : one + ": " + other;
}

std::string code_of(const Value& holder) {
  return base::to_lower(scalar_text(holder["code"]) + " " + scalar_text(holder["type"]));
}

ServerFault fault_of(const Value& told, int depth);

ServerFault sentence_of(const Value& holder, int depth) {
  const auto said = [&](std::string_view name) {
    return says_nothing(holder[name]) ? ServerFault{} : fault_of(holder[name], depth - 1);
  };
  for (const std::string_view name : kMembersOfReplies)
    if (ServerFault fault = said(name); !fault.message.empty()) return fault;
  for (const FaultMember& member : kFaultMembers)
    if (member.says != FaultMember::Says::error)
      if (ServerFault fault = said(member.name); !fault.message.empty()) return fault;
  return {};
}

// FastAPI tells where the error is: {"loc": ["body", "messages"], "msg": "Field required"}.
std::string place_of(const Value& told) {
  std::string place;
  for (const Value& each : told["loc"].elements()) place += (place.empty() ? "" : ".") + scalar_text(each);
  return place;
}

ServerFault fault_of_object(const Value& told, int depth) {
  ServerFault fault = sentence_of(told, depth);
  if (fault.message.empty() && depth > 0)
    if (const Value* inner = find_error(told)) fault = fault_of(*inner, depth - 1);
  // OpenRouter: {"message": "Provider returned error", "metadata": {"raw": "what the provider said"}}
  if (const Value& raw = told["metadata"]["raw"]; raw.is_string() && depth > 0) {
    const ServerFault inner = fault_of(raw, depth - 1);
    fault = {joined(fault.message, inner.message), fault.code + " " + inner.code};
  }
  if (fault.message.empty()) fault.message = base::to_json(told);
  if (const std::string place = place_of(told); !place.empty()) fault.message = place + ": " + fault.message;
  fault.code = code_of(told) + " " + fault.code;
  return fault;
}

// What the value of a member that tells errors says.
ServerFault fault_of(const Value& told, int depth) {
  if (told.is_object()) return fault_of_object(told, depth);
  if (told.is_array() && depth > 0) {
    ServerFault all;
    for (const Value& each : told.elements()) {
      const ServerFault one = fault_of(each, depth - 1);
      all.message += (all.message.empty() ? "" : "; ") + one.message;
      all.code += one.code + " ";
    }
    return all;
  }
  const std::string text = scalar_text(told);
  if (told.is_string() && depth > 0 && text.starts_with('{'))
    if (const Result<Value> inner = base::parse_json(text); inner && inner->is_object())
      if (auto fault = find_fault_within(*inner, depth - 1)) return *std::move(fault);
  return {text, ""};
}

std::optional<ServerFault> find_fault_within(const Value& reply, int depth) {
  const Value* error = find_error(reply);
  const auto answers = [&](std::string_view key) { return !says_nothing(reply[key]); };
  if (!error && (answers("choices") || answers("data") || answers("models"))) return std::nullopt;
  const Value& apigee = reply["fault"];
  if (error ? error->is_object() : apigee.is_object()) return fault_of(error ? *error : apigee, depth);
  // a kind of error, and beside it the sentence: {"error": "Bad Request", "message": "…"}
  ServerFault fault = sentence_of(reply, depth);
  if (error && !error->is_bool()) fault.message = joined(fault_of(*error, depth).message, fault.message);
  if (const Value* description = reply.find("error_description"); description && description != error)
    fault.message = joined(fault.message, scalar_text(*description));
  if (!error && fault.message.empty()) return std::nullopt;
  if (fault.message.empty()) fault.message = base::to_json(*error);
  fault.code = code_of(reply) + " " + fault.code;
  return fault;
}

}  // namespace

std::optional<ServerFault> find_fault(const Value& reply) { return find_fault_within(reply, kDeepestFault); }

Error error_from_fault(const ServerFault& fault, int status, std::string_view retry_after,
                       const RequestFacts& facts) {
  const FaultClass what = classify(status, fault);
  std::string message = fault_lead(what, status, facts);
  if (!fault.message.empty()) message += ": \"" + base::excerpt(fault.message, 400) + '"';
  Error error(what.code, std::move(message), fault_hint(what, status, facts));
  error.http_status = status >= 300 ? status : 0;
  if (what.code == ErrorCode::model_not_found) add_names(error, fault.message, facts);
  if (what.code == ErrorCode::insufficient_memory)
    if (const auto required = required_bytes(fault.message)) {
      error.detail.set("required_bytes", *required);
      error.detail.set("required_basis", "reported: the server's own estimate");
    }
  // a server's internal failure is often temporary; a failed load would only fail again, slowly
  if (what.code == ErrorCode::protocol && what.matter == FaultMatter::other && status == 500)
    error.retryable = true;
  if (const auto wait = read_retry_after(retry_after)) error.detail.set("retry_after_ms", wait->count());
  return error;
}

Error model_mismatch(std::string_view served, const RequestFacts& facts) {
  return Error(ErrorCode::model_mismatch,
               server_name(facts) + " answered with the model '" + base::excerpt(served) + "', not with '" +
                   std::string(facts.model) + "'",
               "load the wanted model with: tachikoma load " + std::string(facts.model) +
                   "; some servers answer for a model that they do not have with one that is in memory",
               Value::object({{"asked", facts.model}, {"served", base::repair_utf8(served)}}));
}

Error error_from_reply(std::string_view body, int status, std::string_view retry_after,
                       const RequestFacts& facts) {
  if (const Result<Value> reply = base::parse_json(body)) {
    const bool listed = reply->is_array() && !reply->elements().empty();  // Google's, for a stream
    const Value& one = listed ? reply->elements().front() : *reply;
    if (const auto fault = one.is_object() ? find_fault(one) : std::nullopt)
      return error_from_fault(*fault, status, retry_after, facts);
  }
  if (is_web_page(body)) return error_from_page(body, status, retry_after, facts);
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  return error_from_fault({start == std::string_view::npos ? "" : std::string(body.substr(start, 1000)), ""},
                          status, retry_after, facts);
}

}  // namespace tachikoma::kit
