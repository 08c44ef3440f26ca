// SPDX-License-Identifier: MIT
#include "log_entry.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/sourced_json.hpp"
#include "log_entries.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

// What a column has as JSON text; null if that is damaged.
Value parsed(const Value& text) {
  if (!text.is_string()) return {};
  Result<Value> value = parse_json(text.as_string());
  return value ? *std::move(value) : Value();
}

Value in_seconds(const Value& ms) { return ms.is_number() ? Value(ms.as_real() / kMsPerSecond) : Value(); }

// A number with its source, of which the log keeps the words apart; it has none of what failed.
Value sourced(Value number, std::string_view unit, const Value& source) {
  if (number.is_null())
    return sourced_value({}, unit, Source::unknown,
                         source.is_null() ? "the generation failed" : source["basis"].as_string());
  return Value::object({{"value", std::move(number)},
                        {"unit", unit},
                        {"source", source["source"]},
                        {"basis", source["basis"]}});
}

Value tool_uses(const Value& columns) {
  const Value uses = parsed(columns["tool_uses"]);
  return base::array_of(uses.elements(), [](const Value& use) {
    return Value::object(
        {{"name", use["name"]}, {"time", in_seconds(use["time_ms"])}, {"failed", use["failed"]}});
  });
}

Value error_of(const Value& columns) {
  if (columns["error_code"].is_null()) return {};
  return Value::object({{"code", columns["error_code"]},
                        {"message", columns["error_message"]},
                        {"hint", columns["error_hint"].as_string()},
                        {"retryable", columns["error_retryable"].as_integer() != 0},
                        {"http_status", columns["error_http_status"]},
                        {"detail", parsed(columns["error_detail"])}});
}

Value usage_of(const Value& columns) {
  const Value& prompt = columns["prompt_tokens"];
  const Value& completion = columns["completion_tokens"];
  const bool known = prompt.is_integer() && completion.is_integer();
  return Value::object(
      {{"prompt_tokens", prompt},
       {"completion_tokens", completion},
       {"reasoning_tokens", columns["reasoning_tokens"]},
       {"cached_tokens", columns["cached_tokens"]},
       {"total_tokens", known ? Value(prompt.as_integer() + completion.as_integer()) : Value()},
       {"source", prompt.is_null() && completion.is_null() ? "unknown" : "reported"}});
}

Value metrics_of(const Value& columns) {
  const Value sources = parsed(columns["sources"]);
  return Value::object(
      {{"time_to_first_token",
        sourced(in_seconds(columns["time_to_first_token_ms"]), "s", sources["time_to_first_token"])},
       {"decode_time", in_seconds(columns["decode_ms"])},
       {"tokens_per_second", sourced(columns["tokens_per_second"], "tokens/s", sources["tokens_per_second"])},
       {"prompt_tokens_per_second",
        sourced(columns["prompt_tokens_per_second"], "tokens/s", sources["prompt_tokens_per_second"])}});
}

/// Lines with a label, for people.
class Lines {
 public:
  void add(std::string label, const std::string& what) {
    constexpr std::size_t kWidth = 15;
    if (what.empty()) return;
    label.resize(kWidth, ' ');
    text_ += label + what + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string seconds(const Value& number) { return base::decimal(number.as_real(), 3) + " s"; }

std::string with_source(const Value& number, const std::string& shown) {
  const Value& value = number["value"];
  const std::string basis(number["basis"].as_string());
  if (value.is_null()) return "unknown: " + basis;
  return shown + " (" + std::string(number["source"].as_string()) + (basis.empty() ? "" : ": " + basis) + ")";
}

std::string model_line(const Value& columns) {
  const std::string_view served = columns["served_model"].as_string();
  std::string line = model_of(columns["provider"], columns["model"]);
  if (!served.empty() && served != columns["model"].as_string()) line.append(", served as ").append(served);
  return line;
}

std::string outcome_line(const Value& entry) {
  const Value& error = entry["error"];
  if (error.is_null()) return "finished: " + std::string(entry["finish"].as_string());
  return "failed: " + std::string(error["code"].as_string()) + ": " +
         std::string(error["message"].as_string());
}

std::string tokens_line(const Value& usage) {
  std::vector<std::string> parts;
  for (const char* kind : {"prompt", "completion", "reasoning", "cached"})
    if (const Value& number = usage[std::string(kind) + "_tokens"]; number.is_integer())
      parts.push_back(std::to_string(number.as_integer()) + " " + kind);
  return parts.empty() ? "not reported" : base::listed(parts);
}

// What is not so of most generations.
std::string more_line(const Value& entry) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, std::int64_t usual, const char* one, const char* several) {
    const std::int64_t number = entry[what].as_integer();
    if (number != usual) parts.push_back(std::to_string(number) + " " + (number == 1 ? one : several));
  };
  add("steps", 1, "step", "steps");
  add("retries", 0, "retry", "retries");
  add("fallbacks", 0, "model asked before", "models asked before");
  if (entry["cached"].as_bool()) parts.emplace_back("the answer is of the cache");
  return base::listed(parts);
}

std::string waited_line(const Value& entry) {
  if (entry["queue_time"].as_real() == 0 && entry["load_time"].as_real() == 0) return {};
  return seconds(entry["queue_time"]) + " for its turn, " + seconds(entry["load_time"]) +
         " for its model's load";
}

std::string tools_line(const Value& entry) {
  return base::listed(base::texts_of(entry["tool_uses"].elements(), [](const Value& use) {
    return std::string(use["name"].as_string()) + " " + seconds(use["time"]) +
           (use["failed"].as_bool() ? " (failed)" : "");
  }));
}

// Every message with its role in front.
std::string messages_text(const std::string& title, const Value& messages) {
  if (messages.elements().empty()) return {};
  std::string text = "\n" + title + ":\n";
  for (const Value& message : messages.elements()) {
    text.append(message["role"].as_string()).append(": ").append(message["text"].as_string()).append("\n");
    for (const char* more : {"reasoning", "tool_calls", "images"})
      if (const Value& value = message[more]; !value.is_null())
        text.append("  ").append(more).append(": ").append(to_json(value)).append("\n");
  }
  return text;
}

}  // namespace

std::string local_time(double ms, const char* form) {
  const auto seconds = static_cast<std::time_t>(ms / kMsPerSecond);
  std::tm local = {};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), form, &local)};
}

Value entry_value(const Value& columns) {
  Value entry = Value::object({{"id", columns["id"]}});
  for (const char* name : {"request_id", "provider", "model", "served_model", "server"})
    entry.set(name, columns[name]);
  entry.set("started_at", in_seconds(columns["started_at"]));
  entry.set("outcome", columns["outcome"]);
  entry.set("finish", columns["finish"]);
  entry.set("error", error_of(columns));
  entry.set("total_time", in_seconds(columns["total_ms"]));
  entry.set("queue_time", in_seconds(columns["queue_ms"]));
  entry.set("load_time", in_seconds(columns["load_ms"]));
  entry.set("displaced", parsed(columns["displaced"]));
  for (const char* name : {"steps", "retries", "fallbacks"}) entry.set(name, columns[name]);
  entry.set("cached", columns["cached"].as_integer() != 0);
  entry.set("tool_uses", tool_uses(columns));
  entry.set("usage", usage_of(columns));
  entry.set("metrics", metrics_of(columns));
  for (const char* name : {"extra", "asked", "answered"}) entry.set(name, parsed(columns[name]));
  return entry;
}

std::string entry_text(const Value& columns) {
  const Value entry = entry_value(columns);
  const Value& metrics = entry["metrics"];
  const Value& first = metrics["time_to_first_token"];
  const Value& speed = metrics["tokens_per_second"];
  Lines lines;
  lines.add("id", std::to_string(columns["id"].as_integer()));
  lines.add("request", std::string(columns["request_id"].as_string()));
  lines.add("started", local_time(columns["started_at"].as_real()));
  lines.add("model", model_line(columns));
  lines.add("server", std::string(columns["server"].as_string()));
  lines.add("outcome", outcome_line(entry));
  lines.add("hint", std::string(entry["error"]["hint"].as_string()));
  lines.add("total time", seconds(entry["total_time"]));
  lines.add("waited", waited_line(entry));
  if (entry["error"].is_null()) {
    lines.add("first token", with_source(first, seconds(first["value"])));
    lines.add("speed", with_source(speed, base::decimal(speed["value"].as_real()) + " tokens/s"));
    lines.add("tokens", tokens_line(entry["usage"]));
  }
  lines.add("more", more_line(entry));
  lines.add("tools", tools_line(entry));
  const Value& displaced = entry["displaced"];
  lines.add("unloaded", base::listed(base::texts_of(displaced.elements(), [](const Value& each) {
              return std::string(each.as_string());
            })));
  if (!entry["extra"].is_null()) lines.add("extra", to_json(entry["extra"]));
  return lines.take() + messages_text("asked", entry["asked"]) + messages_text("answered", entry["answered"]);
}

}  // namespace tachikoma::cli
