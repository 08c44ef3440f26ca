// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::plugins {

// An enumeration that a plugin hands over may have any number in it, a figure may be none, and a name
// missing. Each names the first such value, as in "the channel 99", "a model without a key"; empty: there is
// none.
std::string breach(const Error& error);
std::string breach(const ChatEvent& event);
std::string breach(const ChatOutcome& outcome);
std::string breach(const std::vector<ModelInfo>& models);
std::string breach(const Health& health);
std::string breach(const Embeddings& embeddings);
std::string breach(std::int64_t tokens);
std::string breach(const LoadedModel& model);
std::string breach(const std::vector<ModelStatus>& models);
std::string breach(const MemoryEstimate& estimate);
std::string breach(const DownloadProgress& progress);
std::string breach(const Downloaded& model);
std::string breach(const Hardware& hardware);
std::string breach(const std::vector<Finding>& findings);

/// A severity that can be trusted: an unknown one counts as `error`.
inline Severity known(Severity severity) { return severity > Severity::error ? Severity::error : severity; }

/// The error for a plugin that broke its contract: `what` continues "provider 'x': plugin fault: ".
Error contract_error(const std::string& kind, const std::string& component, const std::string& plugin,
                     const std::string& what);

}  // namespace tachikoma::plugins
