// SPDX-License-Identifier: MIT
// Monitors that do nothing, so that what is left is what the host does for them; and such as do what a
// monitor must not.
#include <pthread.h>
#include <stdexcept>
#include <unistd.h>

#include "base/try.hpp"

#include <tachikoma/plugin/plugin.hpp>

namespace {

using namespace tachikoma;

class IdleMonitor final : public Monitor {
 public:
  IdleMonitor(const Value&, Host&) {}
  void on_event(const MonitorEvent&) override {}
};

class SleepingMonitor final : public Monitor {
 public:
  SleepingMonitor(const Value&, Host&) {}
  void on_event(const MonitorEvent&) override {
    while (true) ::pause();
  }
};

class ThrowingMonitor final : public Monitor {
 public:
  ThrowingMonitor(const Value&, Host&) {}
  void on_event(const MonitorEvent&) override { throw std::runtime_error("it does not work"); }
};

// It ends the thread that serves its queue.
class LeavingMonitor final : public Monitor {
 public:
  LeavingMonitor(const Value&, Host&) {}
  void on_event(const MonitorEvent&) override { ::pthread_exit(nullptr); }
};

}  // namespace

TACHIKOMA_PLUGIN(registrar) {
  TACHIKOMA_TRY_STATUS(registrar.monitor("idle", make_component<Monitor, IdleMonitor>));
  TACHIKOMA_TRY_STATUS(registrar.monitor("sleeping", make_component<Monitor, SleepingMonitor>));
  TACHIKOMA_TRY_STATUS(registrar.monitor("throwing", make_component<Monitor, ThrowingMonitor>));
  return registrar.monitor("leaving", make_component<Monitor, LeavingMonitor>);
}
