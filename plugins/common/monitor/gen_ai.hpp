// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

/// The names by which generations are measured: OpenTelemetry's semantic conventions for generative AI,
/// schema gen-ai-dev/1.42.0-dev on the general conventions 1.44.0, in the state of October 2026 (status:
/// development; nothing is released yet). There the inference metrics are `gen_ai.client.inference.*`; the
/// `gen_ai.client.operation.*` and `gen_ai.client.token.usage` of earlier versions have moved to them.
///
/// What the conventions have no name for begins with `tachikoma.`.
namespace tachikoma::kit::gen_ai {

inline constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";

// attributes
inline constexpr std::string_view kOperation = "gen_ai.operation.name";
inline constexpr std::string_view kChat = "chat";  // an operation, the only one here
inline constexpr std::string_view kProvider = "gen_ai.provider.name";
inline constexpr std::string_view kRequestModel = "gen_ai.request.model";
inline constexpr std::string_view kResponseModel = "gen_ai.response.model";
inline constexpr std::string_view kFinishReasons = "gen_ai.response.finish_reasons";
inline constexpr std::string_view kFirstChunk = "gen_ai.response.time_to_first_chunk";  // seconds
inline constexpr std::string_view kInputTokens = "gen_ai.usage.input_tokens";
inline constexpr std::string_view kOutputTokens = "gen_ai.usage.output_tokens";
inline constexpr std::string_view kCacheReadTokens = "gen_ai.usage.cache_read.input_tokens";
inline constexpr std::string_view kReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
inline constexpr std::string_view kModality = "gen_ai.token.modality";
inline constexpr std::string_view kUnknownModality = "unknown";  // no server tells them apart
inline constexpr std::string_view kToolName = "gen_ai.tool.name";
inline constexpr std::string_view kErrorType = "error.type";
inline constexpr std::string_view kServerAddress = "server.address";
inline constexpr std::string_view kServerPort = "server.port";

// metrics
inline constexpr std::string_view kDuration = "gen_ai.client.inference.duration";
inline constexpr std::string_view kTimeToFirstChunk = "gen_ai.client.inference.time_to_first_chunk";
inline constexpr std::string_view kInputTokensUsed = "gen_ai.client.inference.usage.input_tokens";
inline constexpr std::string_view kOutputTokensUsed = "gen_ai.client.inference.usage.output_tokens";
inline constexpr std::string_view kCacheReadTokensUsed =
    "gen_ai.client.inference.usage.cache_read.input_tokens";
inline constexpr std::string_view kReasoningTokensUsed =
    "gen_ai.client.inference.usage.reasoning.output_tokens";
inline constexpr std::string_view kInputTokensEach = "gen_ai.client.inference.operation.input_tokens";
inline constexpr std::string_view kOutputTokensEach = "gen_ai.client.inference.operation.output_tokens";
inline constexpr std::string_view kToolDuration = "gen_ai.execute_tool.duration";

// The boundaries of buckets that the conventions recommend; of times in seconds.
inline constexpr std::array<double, 14> kTimeBounds{0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                                    1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
inline constexpr std::array<double, 14> kTokenBounds{
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
/// Those of gen_ai.server.time_per_output_token.
inline constexpr std::array<double, 13> kTokenTimeBounds{0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,
                                                         0.3,  0.4,   0.5,  0.75,  1.0, 2.5};

// Tachikoma's own: attributes of a span (times in seconds) …
inline constexpr std::string_view kRequestId = "tachikoma.request.id";
inline constexpr std::string_view kQueueTime = "tachikoma.queue.time";
inline constexpr std::string_view kLoadTime = "tachikoma.load.time";
inline constexpr std::string_view kDisplaced = "tachikoma.displaced";
inline constexpr std::string_view kSteps = "tachikoma.steps";
inline constexpr std::string_view kRetries = "tachikoma.retries";
inline constexpr std::string_view kFallbacks = "tachikoma.fallbacks";
inline constexpr std::string_view kCached = "tachikoma.cached";
inline constexpr std::string_view kToolTime = "tachikoma.tool.time";
inline constexpr std::string_view kFirstToken = "tachikoma.first_token";  // an event of a span
inline constexpr std::string_view kToolUse = "tachikoma.tool_use";        // another one
// … an attribute of a metric, why a generation ended: a finish or the code of an error …
inline constexpr std::string_view kOutcome = "tachikoma.outcome";
// … and metrics.
inline constexpr std::string_view kRequests = "tachikoma.requests";
inline constexpr std::string_view kRetried = "tachikoma.request.retries";
inline constexpr std::string_view kFellBack = "tachikoma.request.fallbacks";
inline constexpr std::string_view kSwitches = "tachikoma.model.switches";
inline constexpr std::string_view kCacheHits = "tachikoma.cache.hits";
/// A generation's mean. The conventions' time_per_output_chunk is of each chunk, which no monitor is told of.
inline constexpr std::string_view kTimePerToken = "tachikoma.inference.time_per_output_token";
inline constexpr std::string_view kQueueDuration = "tachikoma.queue.duration";
inline constexpr std::string_view kLoadDuration = "tachikoma.load.duration";

}  // namespace tachikoma::kit::gen_ai
