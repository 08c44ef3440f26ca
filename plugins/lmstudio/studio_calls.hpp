// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "lmstudio/sdk_client.hpp"
#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// One call over the WebSockets of `studio`; fails as SdkClient does.
Result<Value> sdk_call(Studio& studio, Namespace name, std::string_view endpoint, const Value& parameter,
                       const CallContext& context);

/// True when a failure means that WebSockets are not available, so that HTTP has to do.
bool is_without_sdk(const Error& error);
/// Why, for the end of a sentence about LM Studio: "its WebSocket can't be used (…)".
std::string why_without_sdk(const Error& error);

/// The socket for models of that kind.
Namespace namespace_of(ModelKind kind);

/// The device on LM Studio's LM Link that has the model which LM Studio describes; empty: LM Studio's own
/// machine.
std::string_view device_of(const Value& model);

/// How a call names a model in memory: by LM Studio's description of it, or by its identifier.
Value specifier_of(const Value& instance);
Value specifier_of(std::string_view identifier);

}  // namespace tachikoma::lmstudio
