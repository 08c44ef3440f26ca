// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// One step of a load.
struct LoadEvent {
  double fraction = 0;           ///< done, from 0 to 1
  std::string_view notice = {};  ///< a sentence for the user, instead of progress; valid during the callback
};
/// Called on the thread that asked for the load. `Flow::stop` cancels it, on the server too.
using LoadCallback = std::function<Flow(const LoadEvent&)>;
/// The same for a download.
using DownloadCallback = std::function<Flow(const DownloadProgress&)>;

/// Every model in memory of every provider, and the providers that could not be asked.
struct LoadedListing {
  struct Entry {
    std::string provider;
    ModelStatus status;
  };
  std::vector<Entry> models;
  struct Failure {
    std::string provider;
    Error error;
  };
  std::vector<Failure> failures;
};

/// Reads load settings as the configuration has them under `load`: the same keys, spellings and checks.
/// `config_invalid` names the key.
Result<LoadSettings> read_load_settings(const Value& settings);
/// What `over` does not say is as in `under`.
LoadSettings merged(LoadSettings over, const LoadSettings& under);

/// The published JSON forms (docs/json.md). Settings that are absent are left out.
Value to_value(const LoadSettings& settings);
Value to_value(const LoadedModel& model);
Value to_value(const ModelStatus& status);
Value to_value(const MemoryEstimate& estimate);
Value to_value(const Hardware& hardware);

}  // namespace tachikoma
