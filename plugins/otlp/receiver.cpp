// SPDX-License-Identifier: MIT
#include "otlp/receiver.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "common/errors/server_error.hpp"

namespace tachikoma::otlp {
namespace {

// Those of which the protocol says that the same request may be sent again.
constexpr std::array<int, 4> kRetryable{429, 502, 503, 504};

// A number of 64 bits is a text in this JSON; some servers write a number all the same.
std::int64_t read_number(const Value& value) {
  std::int64_t number = value.as_integer();
  const std::string_view text = value.as_string();
  if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), number);
  return std::max<std::int64_t>(number, 0);
}

Delivery judge_success(std::string_view body) {
  const Result<Value> reply = base::parse_json(body);
  if (!reply) return {};  // an empty body, or one that says nothing of us
  const Value& partial = (*reply)["partialSuccess"];
  Delivery delivery;
  delivery.rejected = read_number(partial["rejectedSpans"]) + read_number(partial["rejectedDataPoints"]);
  const std::string why = base::excerpt(partial["errorMessage"].as_string());
  if (delivery.rejected > 0 || !why.empty())
    delivery.reason = "it rejected " + std::to_string(delivery.rejected) + " of what it took" +
                      (why.empty() ? "" : ": \"" + why + '"');
  return delivery;
}

}  // namespace

Delivery judge(const kit::Document& reply, std::string_view url) {
  if (reply.ok()) return judge_success(reply.body);
  const Error error = kit::error_from_reply(reply.body, reply.status, reply.retry_after, {url});
  const bool again = std::find(kRetryable.begin(), kRetryable.end(), reply.status) != kRetryable.end();
  Delivery delivery{.kind = again ? Delivery::Kind::later : Delivery::Kind::refused, .reason = error.message};
  if (const Value* wait = error.detail.find("retry_after_ms"); wait && again)
    delivery.retry_after = std::chrono::milliseconds(wait->as_integer());
  return delivery;
}

Delivery Receiver::send(const std::string& path, std::string_view body, Cancellation& cancellation) {
  const kit::CallScope scope{cancellation, kit::CallScope::Clock::now() + timeout_};
  const Result<kit::Document> reply =
      kit::fetch(client_, {.method = "POST", .path = path, .body = body}, scope);
  if (reply) return judge(*reply, url());
  return {.kind = Delivery::Kind::later, .reason = reply.error().message};
}

}  // namespace tachikoma::otlp
