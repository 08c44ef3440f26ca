// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "prometheus/listen_address.hpp"

namespace tachikoma::exposition {

/// Serves one page over HTTP, at /metrics, on threads of its own. It ends with its destructor, whatever its
/// clients do. prometheus-cpp's own server is not used because it changes what SIGPIPE does in the process.
class MetricsServer {
 public:
  using Page = std::function<std::string()>;

  /// `page` is called for each request, on several threads at a time. Fails with `config_invalid`.
  static Result<std::unique_ptr<MetricsServer>> start(const ListenAddress& address, Page page);
  ~MetricsServer();

  /// "http://127.0.0.1:9464/metrics".
  std::string url() const;

 private:
  struct State;
  explicit MetricsServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tachikoma::exposition
