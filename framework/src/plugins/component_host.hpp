// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "plugins/text.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// What the host lends to one component: a log that is marked with the component's name.
class ComponentHost final : public Host {
 public:
  ComponentHost(std::string name, LogCallback log) : name_(std::move(name)), log_(std::move(log)) {}

  void log(Severity severity, std::string_view text) override {
    try {
      if (log_) log_(severity, name_, printable(text));
    } catch (...) {
      // the application's log is no reason for a plugin's call to fail
    }
  }
  void* capability(std::string_view) override { return nullptr; }

 private:
  std::string name_;
  LogCallback log_;
};

}  // namespace tachikoma::plugins
