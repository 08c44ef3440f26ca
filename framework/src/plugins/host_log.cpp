// SPDX-License-Identifier: MIT
#include "plugins/host_log.hpp"

#include <string>
#include <unistd.h>
#include <utility>

#include "base/blocking_io.hpp"
#include "plugins/text.hpp"

namespace tachikoma {
namespace {

struct StderrLog {
  std::shared_ptr<const std::atomic<Severity>> minimum;

  void operator()(Severity severity, std::string_view origin, std::string_view text) const {
    if (severity < *minimum) return;
    std::string line;
    line.append(origin).append(": ").append(to_string(severity)).append(": ").append(text).append("\n");
    base::write_all(STDERR_FILENO, line);  // in one write: other threads write too
  }
};

struct HostLog {
  LogCallback application;
  std::shared_ptr<const std::atomic<Severity>> minimum = {};  // null: not known

  bool takes(Severity severity) const { return application && (!minimum || severity >= *minimum); }
  void operator()(Severity severity, std::string_view origin, std::string_view text) const {
    if (takes(severity)) application(severity, plugins::printable(origin), plugins::printable(text));
  }
};

}  // namespace

LogCallback log_to_stderr(Severity minimum) {
  return plugins::log_to_stderr(std::make_shared<std::atomic<Severity>>(minimum));
}

namespace plugins {

LogCallback log_to_stderr(std::shared_ptr<const std::atomic<Severity>> minimum) {
  return StderrLog{std::move(minimum)};
}

LogCallback host_log(LogCallback application) {
  HostLog log{std::move(application)};
  if (const StderrLog* known = log.application.target<StderrLog>()) log.minimum = known->minimum;
  return log;
}

bool wants(const LogCallback& log, Severity severity) {
  const HostLog* known = log.target<HostLog>();
  return known ? known->takes(severity) : static_cast<bool>(log);
}

}  // namespace plugins
}  // namespace tachikoma
