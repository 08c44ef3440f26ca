// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/errors/server_error.hpp"
#include "common/http/http_client.hpp"
#include "lmstudio/sdk_client.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// One LM Studio with its two APIs, for the parts of the provider. [thread-safe]
class Studio {
 public:
  /// Its HTTP server.
  virtual Result<std::shared_ptr<kit::HttpClient>> http(const CallContext& context) = 0;
  /// Its WebSockets: at the HTTP server's port, else, on this machine, at the SDK's own port.
  virtual Result<std::shared_ptr<SdkClient>> sdk(const CallContext& context) = 0;
  /// Every model, from the best list that the server has.
  virtual Result<std::vector<ModelInfo>> models(const CallContext& context) = 0;
  /// GETs JSON from the HTTP server. Fails with the server's error.
  virtual Result<Value> get(std::string_view path, const CallContext& context) = 0;
  virtual Result<Value> post(std::string_view path, const Value& body, std::string_view model,
                             const CallContext& context) = 0;
  /// True if it runs on this machine, so that its files can be read.
  virtual bool local() const = 0;
  virtual Host& log() = 0;

 protected:
  ~Studio() = default;
};

}  // namespace tachikoma::lmstudio
