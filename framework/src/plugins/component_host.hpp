// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/secrets.hpp"
#include "plugins/contract.hpp"
#include "plugins/log_gate.hpp"
#include "plugins/name_resolver.hpp"

namespace tachikoma::plugins {

/// The services that the host lends to every component.
struct HostServices {
  std::shared_ptr<LogGate> log = {};
  std::shared_ptr<NameResolver> names = {};
};

/// The host's interface to one component: a log marked with the component's name, and the services.
class ComponentHost final : public Host {
 public:
  /// `secrets` of the component's settings are left out of what it logs.
  ComponentHost(std::string name, HostServices services, std::vector<std::string> secrets)
      : name_(std::move(name)), services_(std::move(services)), secrets_(std::move(secrets)) {}

  void log(Severity severity, std::string_view text) override {
    if (services_.log)
      services_.log->write(known(severity), name_, base::without_secrets(std::string(text), secrets_));
  }
  void* capability(std::string_view id) override {
    return id == NameResolver::kId ? services_.names.get() : nullptr;
  }

 private:
  std::string name_;
  HostServices services_;
  const std::vector<std::string> secrets_;
};

}  // namespace tachikoma::plugins
