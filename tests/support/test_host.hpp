// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "common/net/local_cancellation.hpp"
#include "plugins/name_resolver.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/host.hpp"

namespace tachikoma::testing {

/// A cancellation that the test requests, from any thread.
using TestCancellation = kit::LocalCancellation;

/// Records the phases of a call: "connecting waiting ".
class TestPhases final : public PhaseListener {
 public:
  void on_phase(Phase phase) override {
    seen += phase == Phase::connecting ? "connecting " : phase == Phase::loading ? "loading " : "waiting ";
  }
  std::string seen;
};

/// Records log lines, and resolves names like the real host.
class TestHost final : public Host {
 public:
  using Names = plugins::HostNameResolver;

  explicit TestHost(Names::LookUp look_up = Names::look_up_by_system) : names_(std::move(look_up)) {}

  void log(Severity severity, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_ += std::string(to_string(severity)) + ": " + std::string(text) + "\n";
  }
  void* capability(std::string_view id) override {
    return id == NameResolver::kId ? static_cast<NameResolver*>(&names_) : nullptr;
  }
  std::string lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  Names names_;
  mutable std::mutex mutex_;
  std::string lines_;
};

}  // namespace tachikoma::testing
