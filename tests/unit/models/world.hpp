// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include "models/management.hpp"
#include "support/fake_model_server.hpp"
#include "support/fake_provider.hpp"

namespace tachikoma::testing {

/// A runtime's inside around one provider, `fake`, that keeps models in memory.
struct ModelWorld {
  std::shared_ptr<FakeModelServer> server = std::make_shared<FakeModelServer>();
  TestParts parts;

  explicit ModelWorld(Config config = {}, Timeouts timeouts = {}) { start(std::move(config), timeouts); }
  /// Anew, with a server that has become another.
  void start(Config config, Timeouts timeouts = {}) {
    parts = make_parts({setup("fake", server, timeouts)}, std::move(config));
  }

  const calls::ConfiguredProvider& fake() const { return parts->providers.all().front(); }
  Result<LoadedModel> load(std::string_view name, LoadSettings settings = {},
                           const LoadCallback& on_event = {}, std::stop_token stop = {}) {
    return parts->management.load(name, std::move(settings), on_event, std::move(stop));
  }
  Result<std::vector<std::string>> unload(std::string_view name) {
    return parts->management.unload(name, {});
  }
  ModelStatus status(std::string_view name) { return parts->management.status(name, {}).value(); }
};

}  // namespace tachikoma::testing
