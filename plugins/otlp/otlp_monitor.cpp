// SPDX-License-Identifier: MIT
#include "otlp/otlp_monitor.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "common/monitor/measurements.hpp"
#include "common/provider/server_settings.hpp"
#include "otlp/exporter.hpp"
#include "otlp/span_json.hpp"

namespace tachikoma::otlp {
namespace {

using std::chrono::milliseconds;

// The host waits two seconds for a monitor.
constexpr milliseconds kFlushLimit{1500};

/// Ids that no other program has. Not synchronised.
class Ids {
 public:
  /// So many hexadecimal digits, a multiple of 16, not all of them 0.
  std::string next(std::size_t digits) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string id;
    while (id.size() < digits) {
      std::uint64_t number = numbers_() | 1;
      for (int i = 0; i < 16; ++i, number >>= 4) id += kDigits[number & 15];
    }
    return id;
  }

 private:
  std::random_device numbers_of_the_system_;
  std::mt19937_64 numbers_{(std::uint64_t{numbers_of_the_system_()} << 32) | numbers_of_the_system_()};
};

Exporter::Options options_of(const Value& settings, Ids& ids) {
  Exporter::Options options;
  options.interval = milliseconds(settings["interval"].as_integer(options.interval.count()));
  options.buffer = static_cast<std::size_t>(settings["buffer"].as_integer(2048));
  options.metrics = settings["metrics"].as_bool(true);
  options.service = settings["service_name"].as_string("tachikoma");
  options.instance = ids.next(32);
  return options;
}

class OtlpMonitor final : public Monitor {
 public:
  OtlpMonitor(std::unique_ptr<Receiver> receiver, const Value& settings, Host& host)
      : traces_(settings["traces"].as_bool(true)),
        measured_(static_cast<std::size_t>(settings["max_names"].as_integer(100))),
        exporter_(options_of(settings, ids_), std::move(receiver), measured_, host) {}

  void on_event(const MonitorEvent& event) override {
    const bool is_last =
        event.kind == MonitorEvent::Kind::finished || event.kind == MonitorEvent::Kind::failed;
    if (!is_last) return;
    measured_.record(event);
    if (traces_) exporter_.add(base::to_json(span_of(event, ids_.next(32), ids_.next(16))));
  }

  Status flush() override { return exporter_.flush(kFlushLimit); }

 private:
  Ids ids_;
  const bool traces_;
  kit::Measurements measured_;
  Exporter exporter_;  // after what it reads
};

}  // namespace

Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host) {
  TACHIKOMA_TRY(const kit::ServerSettings server, kit::ServerSettings::read(settings));
  TACHIKOMA_TRY(
      kit::ServerUrl url,
      kit::parse_server_url(settings["endpoint"].as_string("http://127.0.0.1:4318"), kit::UrlPath::mount));
  const milliseconds timeout(settings["timeout"].as_integer(10'000));
  auto receiver = std::make_unique<Receiver>(std::move(url), server.access, timeout, host);
  return std::unique_ptr<Monitor>(std::make_unique<OtlpMonitor>(std::move(receiver), settings, host));
}

}  // namespace tachikoma::otlp
