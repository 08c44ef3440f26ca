// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "calls/providers.hpp"
#include "tachikoma/model_registry.hpp"

namespace tachikoma::models {

/// Which configured load settings are not in effect for a model that is asked. Its server is asked once for
/// each model, and only if there are such settings. Thread-safe.
class LoadAudit {
 public:
  /// A sentence, or empty if all are in effect or will be; nullopt if the server has to be asked.
  std::optional<std::string> known(const ResolvedModel& model, const calls::Providers& providers) const;
  /// The same, asking the server.
  std::string find_out(const ResolvedModel& model, const calls::Providers& providers, std::stop_token stop);
  /// Models of that provider were loaded or unloaded.
  void forget(std::string_view provider);

 private:
  mutable std::mutex mutex_;                                   // never held during a request
  std::map<std::string, std::string, std::less<>> sentences_;  // by "provider::name alias"
};

}  // namespace tachikoma::models
