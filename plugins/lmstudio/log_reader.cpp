// SPDX-License-Identifier: MIT
#include "lmstudio/log_reader.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "common/net/pause.hpp"

namespace tachikoma::lmstudio {
namespace {

/// The pause before the server is tried again: nothing reports when it is back.
constexpr std::chrono::seconds kPause{2};

Severity read_level(std::string_view level) {
  if (level == "debug") return Severity::debug;
  if (level == "warn" || level == "warning") return Severity::warning;
  return level == "error" ? Severity::error : Severity::info;
}

std::string quoted(const Value& name) { return "'" + std::string(name.as_string()) + "'"; }

// True if the server may come back, or start.
bool may_come(const Error& error) {
  return error.code == ErrorCode::unreachable || error.code == ErrorCode::timeout;
}

}  // namespace

LogLine read_log_message(const Value& message) {
  const Value& data = message["log"]["data"];
  const std::string_view type = data["type"].as_string();
  const auto text = [&](std::string_view key) { return std::string(data[key].as_string()); };
  if (type == "server.log") return {read_level(data["level"].as_string()), text("content")};
  if (type == "runtime.log") {
    const std::string engine = text("engineName");
    return {read_level(data["level"].as_string()), (engine.empty() ? "" : engine + ": ") + text("message")};
  }
  if (type == "llm.prediction.input")
    return {Severity::info, "prompt for " + quoted(data["modelIdentifier"]) + ": " + text("input")};
  if (type == "llm.prediction.output")
    return {Severity::info, "answer of " + quoted(data["modelIdentifier"]) + ": " + text("output")};
  return {Severity::debug, base::to_json(data)};
}

Status follow_log(Locator& locator, ServerLogSink& sink, const CallContext& context) {
  const Value stop = Value::object({{"type", "stop"}});
  bool left = false;
  const auto on_message = [&](const Value& message) {
    if (message["type"].as_string() != "log") return Flow::proceed;
    const LogLine line = read_log_message(message);
    if (sink.on_line(line.severity, line.text) == Flow::proceed) return Flow::proceed;
    left = true;
    return Flow::stop;
  };
  do {
    const Result<std::shared_ptr<SdkClient>> sdk = locator.sdk(context.cancellation);
    Status end = sdk ? (*sdk)->channel(Namespace::diagnostics, "streamLogs", {}, on_message,
                                       kit::CallScope::of(context), stop)
                     : Status(sdk.error());
    if (left) return Done{};
    if (context.cancellation.requested()) break;
    if (!end && !may_come(end.error())) return std::move(end).error();
    locator.forget();
  } while (kit::pause(kPause, context.cancellation));
  return Error(ErrorCode::cancelled, "cancelled");
}

}  // namespace tachikoma::lmstudio
