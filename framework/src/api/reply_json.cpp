// SPDX-License-Identifier: MIT
// The published JSON forms of what the application interface returns (docs/json.md).
#include <chrono>

#include "base/lists.hpp"
#include "base/sourced.hpp"
#include "base/sourced_json.hpp"
#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {

Value count_or_null(const std::optional<std::int64_t>& count) { return count ? Value(*count) : Value(); }

Value flag_or_null(const std::optional<bool>& flag) { return flag ? Value(*flag) : Value(); }

}  // namespace

Value to_value(const Usage& usage) {
  return Value::object({{"prompt_tokens", count_or_null(usage.prompt_tokens)},
                        {"completion_tokens", count_or_null(usage.completion_tokens)},
                        {"reasoning_tokens", count_or_null(usage.reasoning_tokens)},
                        {"cached_tokens", count_or_null(usage.cached_tokens)},
                        {"total_tokens", count_or_null(usage.total_tokens())},
                        {"source", usage == Usage{} ? "unknown" : "reported"}});
}

Value to_value(const Metrics& metrics) {
  return Value::object(
      {{"time_to_first_token", sourced_value(metrics.time_to_first_token)},
       {"decode_time", sourced_value(metrics.decode_time)},
       {"total_time", sourced_value(metrics.total_time)},
       {"tokens_per_second", sourced_value(metrics.tokens_per_second, "tokens/s")},
       {"prompt_tokens_per_second", sourced_value(metrics.prompt_tokens_per_second, "tokens/s")}});
}

Value to_value(const Reply& reply) {
  Value channels = Value::object();
  for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary, Channel::final})
    if (reply.channels.contains(channel)) channels.set(to_string(channel), reply.channels[channel]);
  Value calls = base::array_of(reply.tool_calls, [](const ToolCall& call) {
    return Value::object({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  });
  return Value::object({{"provider", reply.provider},
                        {"model", reply.model},
                        {"text", reply.text},
                        {"channels", std::move(channels)},
                        {"tool_calls", std::move(calls)},
                        {"finish", to_string(reply.finish)},
                        {"steps", static_cast<std::int64_t>(reply.steps)},
                        {"cached", reply.cached},
                        {"usage", to_value(reply.usage)},
                        {"metrics", to_value(reply.metrics)},
                        {"notices", base::array_of(reply.notices)}});
}

Value to_value(const EmbeddingReply& reply) {
  const auto number = [](float each) { return static_cast<double>(each); };
  Value vectors =
      base::array_of(reply.vectors, [&](const auto& each) { return base::array_of(each, number); });
  return Value::object({{"provider", reply.provider},
                        {"model", reply.model},
                        {"vectors", std::move(vectors)},
                        {"usage", to_value(reply.usage)}});
}

Value to_value(const ListedModel& model) {
  const ModelInfo& info = model.info;
  Value instances = base::array_of(info.instances, [](const ModelInstance& instance) {
    return Value::object(
        {{"id", instance.id}, {"context_length", sourced_value(instance.context_length, "tokens")}});
  });
  const Sourced<std::int64_t> context =
      info.instances.empty() ? base::unknown("the model is not loaded, or its server does not say")
                             : info.instances.front().context_length;
  return Value::object({{"address", model.address},
                        {"provider", model.provider},
                        {"key", info.key},
                        {"display_name", info.display_name},
                        {"kind", to_string(info.kind)},
                        {"size_bytes", sourced_value(info.size_bytes, "bytes")},
                        {"format", info.format},
                        {"quantization", info.quantization},
                        {"state", to_string(info.state)},
                        {"instances", std::move(instances)},
                        {"context_length", sourced_value(context, "tokens")},
                        {"max_context_length", sourced_value(info.max_context_length, "tokens")},
                        {"capabilities", Value::object({{"vision", flag_or_null(info.vision)},
                                                        {"tool_use", flag_or_null(info.tool_use)}})},
                        {"extra", info.extra}});
}

Value to_value(const Error& error) {
  return Value::object({{"code", to_string(error.code)},
                        {"message", error.message},
                        {"hint", error.hint},
                        {"retryable", error.retryable},
                        {"http_status", error.http_status ? Value(error.http_status) : Value()},
                        {"detail", error.detail}});
}

}  // namespace tachikoma
