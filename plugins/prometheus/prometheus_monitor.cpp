// SPDX-License-Identifier: MIT
#include "prometheus/prometheus_monitor.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "base/try.hpp"
#include "common/monitor/measurements.hpp"
#include "prometheus/families.hpp"
#include "prometheus/listen_address.hpp"
#include "prometheus/metrics_server.hpp"

namespace tachikoma::exposition {
namespace {

class PrometheusMonitor final : public Monitor {
 public:
  explicit PrometheusMonitor(std::size_t max_names) : measured_(max_names) {}

  Status serve(const ListenAddress& address, Host& host) {
    TACHIKOMA_TRY(server_,
                  MetricsServer::start(address, [this] { return exposition_text(measured_.read()); }));
    host.log(Severity::info, "metrics are at " + server_->url());
    return Done{};
  }

  void on_event(const MonitorEvent& event) override { measured_.record(event); }

 private:
  kit::Measurements measured_;
  std::unique_ptr<MetricsServer> server_;  // after what it reads
};

}  // namespace

Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host) {
  TACHIKOMA_TRY(const ListenAddress address,
                parse_listen_address(settings["listen"].as_string("127.0.0.1:9464")));
  auto monitor =
      std::make_unique<PrometheusMonitor>(static_cast<std::size_t>(settings["max_names"].as_integer(100)));
  TACHIKOMA_TRY_STATUS(monitor->serve(address, host));
  return std::unique_ptr<Monitor>(std::move(monitor));
}

}  // namespace tachikoma::exposition
