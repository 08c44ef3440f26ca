// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "plugins/name_resolver.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// The services that the host lends to every component.
struct HostServices {
  LogCallback log = {};
  std::shared_ptr<NameResolver> names = {};
};

/// The host's interface to one component: a log marked with the component's name, and the services.
class ComponentHost final : public Host {
 public:
  ComponentHost(std::string name, HostServices services)
      : name_(std::move(name)), services_(std::move(services)) {}

  void log(Severity severity, std::string_view text) override {
    try {
      if (services_.log) services_.log(severity, name_, text);
    } catch (...) {
      // a failing log callback must not make a plugin's call fail
    }
  }
  void* capability(std::string_view id) override {
    return id == NameResolver::kId ? services_.names.get() : nullptr;
  }

 private:
  std::string name_;
  HostServices services_;
};

}  // namespace tachikoma::plugins
