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
  std::string name = {};          ///< a name in the server's catalogue, or a URL that it accepts
  std::string quantization = {};  ///< which variant; empty: the server chooses
};

/// The progress of a download, in bytes; an unknown total has no source.
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
  std::string name = {};
  bool was_there = false;  ///< it was on the server already; nothing was downloaded
  Sourced<std::int64_t> size_bytes{};
  Value extra = {};  ///< anything else the server reported: an object, or null
};

/// Offered by a provider whose server can download models. [thread-safe]
class ModelDownloader {
 public:
  static constexpr std::string_view kId = "tachikoma.model-downloader/1";

  /// Returns when the model is on the server's disk. If the sink or a cancellation ends the call early and
  /// the server can't stop the download, the download continues there; the error's hint says so.
  virtual Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                                      const CallContext& context) = 0;

 protected:
  ~ModelDownloader() = default;
};

}  // namespace tachikoma
