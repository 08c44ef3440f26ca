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
  std::shared_ptr<RuntimeCore> core;

  explicit ModelWorld(Config config = {}, Timeouts timeouts = {}) {
    core = make_core({slot("fake", server, timeouts)}, std::move(config));
  }

  const ProviderSlot& slot_of_fake() const { return core->providers->all().front(); }
  models::Asked find(std::string_view name) {
    return models::find_model(*core, name, {}, "be managed").value();
  }
  Result<LoadedModel> load(std::string_view name, LoadSettings settings = {},
                           const LoadCallback& on_event = {}, std::stop_token stop = {}) {
    return models::load(*core, find(name), std::move(settings), on_event, std::move(stop));
  }
  Result<std::vector<std::string>> unload(std::string_view name) {
    return models::unload(*core, find(name), {});
  }
  ModelStatus status(std::string_view name) { return models::status(*core, find(name), {}).value(); }
};

}  // namespace tachikoma::testing
