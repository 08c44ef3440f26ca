// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_calls.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::size_t kMaxWaitingBytes = 64 * 1024 * 1024;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "loadModel" of "llm.loadModel"
std::string_view endpoint_of(const SdkExchange& exchange) {
  const std::string_view name = exchange.name.endpoint;
  return name.substr(name.find('.') + 1);
}

// Messages on an open channel have no replies, and signals are not used here.
bool ends_nothing(std::string_view kind) {
  return kind == "channelUnknown" || kind == "channelMessageTypeError" || kind.starts_with("signal") ||
         kind.starts_with("writableSignal");
}

Error too_slow(const SdkExchange& exchange) {
  return Error(ErrorCode::overloaded, "LM Studio at " + exchange.name.server + " sends more on '" +
                                          exchange.name.endpoint + "' than is read: 64 MiB are waiting");
}

}  // namespace

void SdkCalls::add(SdkExchange& exchange) { table(exchange.kind)[exchange.id] = &exchange; }

void SdkCalls::remove(SdkExchange& exchange) { table(exchange.kind).erase(exchange.id); }

SdkExchange* SdkCalls::find(SdkExchange::Kind kind, std::int64_t id) {
  const auto found = table(kind).find(id);
  return found == table(kind).end() ? nullptr : found->second;
}

void SdkCalls::push(SdkExchange& exchange, Value message, std::size_t size) {
  if (exchange.waiting_bytes + size > kMaxWaitingBytes) return end(exchange, too_slow(exchange));
  exchange.waiting_bytes += size;
  exchange.messages.push_back({std::move(message), size});
  exchange.changed.notify_all();
}

void SdkCalls::end(SdkExchange& exchange, std::optional<Error> failure) {
  remove(exchange);
  exchange.ended = true;
  exchange.failure = std::move(failure);
  exchange.changed.notify_all();
}

void SdkCalls::deliver(SdkFrame frame) {
  using Kind = SdkFrame::Kind;
  if (frame.kind == Kind::other) return;
  if (frame.kind == Kind::warning) return warn(frame);
  const bool rpc = frame.kind == Kind::rpc_result || frame.kind == Kind::rpc_error;
  SdkExchange* exchange = find(rpc ? SdkExchange::Kind::rpc : SdkExchange::Kind::channel, frame.id);
  if (!exchange) return;
  exchange->has_reply = true;
  switch (frame.kind) {
    case Kind::rpc_result: push(*exchange, std::move(frame.content), 0); return end(*exchange, std::nullopt);
    case Kind::channel_close: return end(*exchange, std::nullopt);
    case Kind::rpc_error:
    case Kind::channel_error: return end(*exchange, error_from_sdk(frame.content, exchange->name));
    default: break;
  }
  // older servers end a channel like this
  if (frame.content["type"].as_string() == "error" && frame.content["error"].is_object())
    return end(*exchange, error_from_sdk(frame.content["error"], exchange->name));
  push(*exchange, std::move(frame.content), frame.size);
}

// A warning has no id: matched by its kind, then by the endpoint in its text, else all exchanges that it may
// mean.
std::vector<SdkExchange*> SdkCalls::meant_by(const SdkFrame& warning) {
  const std::string words = base::to_lower(warning.warning_kind + " " + warning.warning);
  const bool rpc = words.starts_with("rpc") || (!contains(words, "channel") && contains(words, "rpc"));
  const bool channel = words.starts_with("channel") || (!rpc && contains(words, "channel"));
  std::vector<SdkExchange*> candidates;
  const auto collect = [&](const Table& table) {
    for (const auto& [id, exchange] : table)
      if (!exchange->has_reply) candidates.push_back(exchange);
  };
  if (!channel) collect(rpcs_);
  if (!rpc) collect(channels_);
  std::vector<SdkExchange*> named;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(named),
               [&](const SdkExchange* each) { return contains(warning.warning, endpoint_of(*each)); });
  return named.empty() ? candidates : named;
}

void SdkCalls::warn(const SdkFrame& warning) {
  if (ends_nothing(warning.warning_kind)) return;
  for (SdkExchange* exchange : meant_by(warning))
    end(*exchange, error_from_warning(warning.warning_kind, warning.warning, exchange->name));
}

void SdkCalls::fail_all(const Error& error) {
  for (Table* each : {&rpcs_, &channels_})
    while (!each->empty()) end(*each->begin()->second, error);
}

void SdkCalls::wake_all() {
  for (const Table* each : {&rpcs_, &channels_})
    for (const auto& [id, exchange] : *each) exchange->changed.notify_all();
}

}  // namespace tachikoma::lmstudio
