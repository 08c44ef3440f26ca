// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

struct DownloadRequest {
  std::string name;               ///< as the server's catalogue names it, or a URL that it takes
  std::string quantization = {};  ///< which variant; empty: the server chooses
};

/// How far a download is. Bytes; a total that nobody said has no source.
struct DownloadProgress {
  std::int64_t done_bytes = 0;
  Sourced<std::int64_t> total_bytes{};
  Sourced<std::int64_t> bytes_per_second{};
};

/// As LoadSink, for a download.
class DownloadSink {
 public:
  virtual Flow on_progress(const DownloadProgress& progress) = 0;

 protected:
  ~DownloadSink() = default;
};

struct Downloaded {
  std::string name;
  bool was_there = false;  ///< nothing had to be downloaded
  Sourced<std::int64_t> size_bytes{};
  Value extra = {};  ///< what else the server says, an object, or null
};

/// Offered by a provider whose server can fetch models. [thread-safe]
class ModelDownloader {
 public:
  static constexpr std::string_view kId = "tachikoma.model-downloader/1";

  /// Returns when the model is on the server's disk. Leaving early, by the sink or by cancelling, leaves the
  /// download to the server where it can't be stopped; a notice in the error's hint says so.
  virtual Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                                      const CallContext& context) = 0;

 protected:
  ~ModelDownloader() = default;
};

}  // namespace tachikoma
