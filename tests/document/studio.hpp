// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "support/simulator.hpp"
#include "tachikoma/tachikoma.hpp"

namespace tachikoma::testing {

/// A simulated LM Studio and a runtime on it, made without a file.
struct Studio {
  explicit Studio(const std::string& script = {}, Settings settings = {});

  Simulator simulator;
  Runtime runtime;

  /// The provider, whose methods the document calls.
  ProviderHandle provider() const { return runtime.provider("lmstudio").value(); }
  /// The latest chat request that arrived: its `headers` and `body`.
  Value last_chat() const;
};

/// The latest chat request that a simulator saw.
Value last_chat(const Simulator& simulator);

/// What a simulator was last asked to load over its WebSocket; null: nothing.
Value last_load(const Simulator& simulator);
/// The settings of that, by their keys.
Value load_fields(const Simulator& simulator);

/// The header of a recorded request, whatever its case; empty when it is not there.
std::string header(const Value& request, std::string name);

}  // namespace tachikoma::testing
