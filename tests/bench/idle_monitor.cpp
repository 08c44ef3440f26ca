// SPDX-License-Identifier: MIT
// A monitor that does nothing: what is left is what the host does for one.
#include <tachikoma/plugin/plugin.hpp>

namespace {

using namespace tachikoma;

class IdleMonitor final : public Monitor {
 public:
  IdleMonitor(const Value&, Host&) {}
  void on_event(const MonitorEvent&) override {}
};

}  // namespace

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("idle", make_component<Monitor, IdleMonitor>); }
