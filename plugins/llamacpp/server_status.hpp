// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/http/http_client.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::llamacpp {

/// A server that was started with `--sleep-idle-seconds` frees its memory when idle, and allocates it
/// again for the next request.
enum class Sleeper : std::uint8_t { leave, wake };

/// Fills `status` with what a running server reports. `query` is added to every request, "" or
/// "?model=…". What the server does not answer stays unknown, with its reason.
void ask_server(kit::HttpClient& client, const std::string& query, Sleeper sleeper,
                const kit::CallScope& scope, ModelStatus& status);

void read_slots(const Value& slots, ModelStatus& status);          ///< of GET /slots, an array
void read_metrics(std::string_view metrics, ModelStatus& status);  ///< of GET /metrics
void read_props(const Value& props, ModelStatus& status);          ///< of GET /props

}  // namespace tachikoma::llamacpp
