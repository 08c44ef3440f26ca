// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"

namespace tachikoma::lmstudio {

/// Has LM Studio download models: over its REST API, and over its WebSocket where that has no such route.
class StudioDownloads final : public ModelDownloader {
 public:
  explicit StudioDownloads(Studio& studio) : studio_(studio) {}
  Result<Downloaded> download(const DownloadRequest& request, DownloadSink& sink,
                              const CallContext& context) override;

 private:
  Studio& studio_;
};

}  // namespace tachikoma::lmstudio
