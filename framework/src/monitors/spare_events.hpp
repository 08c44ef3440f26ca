// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma::monitors {

/// Events of generations that have ended, for those to come. An event is filled by one thread and freed by
/// another, for which the heap takes longer than for all that is done with it; here its texts keep their
/// memory. Thread-safe.
class SpareEvents : public std::enable_shared_from_this<SpareEvents> {
 public:
  /// An event as new. It may outlive this object's other owners.
  std::shared_ptr<MonitorEvent> take();

 private:
  struct GiveBack {
    std::shared_ptr<SpareEvents> to;
    void operator()(MonitorEvent* event) const { to->keep(std::unique_ptr<MonitorEvent>(event)); }
  };

  std::unique_ptr<MonitorEvent> take_spare();
  void keep(std::unique_ptr<MonitorEvent> event);

  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<MonitorEvent>> spare_;
};

}  // namespace tachikoma::monitors
