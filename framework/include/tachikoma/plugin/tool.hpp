// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A function that a model may call. [thread-safe] Calls may overlap.
class Tool : public Component {
 public:
  /// The name, description and parameters that the model is given. Constant for the life of the tool.
  virtual ToolSpec spec() = 0;
  /// Runs the tool. `arguments` is an object that fits `spec().parameters`. The result goes back to the
  /// model: a string unchanged, anything else as JSON. Ends promptly once cancellation is requested.
  virtual Result<Value> call(const Value& arguments, const CallContext& context) = 0;
};

}  // namespace tachikoma
