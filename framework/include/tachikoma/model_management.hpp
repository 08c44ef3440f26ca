// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// One event of a load.
struct LoadEvent {
  double fraction = 0;           ///< progress, from 0 to 1
  std::string_view notice = {};  ///< a sentence for the user, instead of progress; valid during the callback
};
/// Called on the thread that asked for the load. `Flow::stop` cancels it, on the server too.
using LoadCallback = std::function<Flow(const LoadEvent&)>;
/// The same for a download.
using DownloadCallback = std::function<Flow(const DownloadProgress&)>;

/// Every model in memory of every provider, and the providers that could not be queried.
struct LoadedListing {
  struct Entry {
    std::string provider = {};
    ModelStatus status = {};
  };
  std::vector<Entry> models;
  struct Failure {
    std::string provider = {};
    Error error = {};
  };
  std::vector<Failure> failures;
  std::vector<std::string> silent = {};  ///< providers whose servers don't say what is in memory
};

/// Reads load settings in the form of the configuration's `load` section: the same keys, spellings and
/// checks. Fails with `config_invalid`, which names the key.
TACHIKOMA_API Result<LoadSettings> read_load_settings(const Value& settings);
/// `over`, with the settings that it lacks taken from `under`.
TACHIKOMA_API LoadSettings merged(LoadSettings over, const LoadSettings& under);

/// The published JSON forms (docs/json.md). Settings that are absent are left out.
TACHIKOMA_API Value to_value(const LoadSettings& settings);
TACHIKOMA_API Value to_value(const LoadedModel& model);
TACHIKOMA_API Value to_value(const ModelStatus& status);
TACHIKOMA_API Value to_value(const MemoryEstimate& estimate);
TACHIKOMA_API Value to_value(const Hardware& hardware);

}  // namespace tachikoma
