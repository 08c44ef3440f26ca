// SPDX-License-Identifier: MIT
#include "otlp/metrics_json.hpp"

#include <utility>

#include "otlp/otlp_json.hpp"

namespace tachikoma::otlp {
namespace {

constexpr int kCumulative = 2;  // AGGREGATION_TEMPORALITY_CUMULATIVE

void add_histogram(Value& point, const kit::Series& series, const kit::Instrument& instrument) {
  Value counts = Value::array(), bounds = Value::array();
  for (const std::uint64_t count : series.buckets) counts.push_back(decimal(count));
  for (const double bound : instrument.bounds) bounds.push_back(bound);
  point.add("count", decimal(series.count));
  point.add("sum", series.sum);
  point.add("bucketCounts", std::move(counts));
  point.add("explicitBounds", std::move(bounds));
}

}  // namespace

Value metric_of(const kit::Metric& metric, std::chrono::system_clock::time_point start,
                std::chrono::system_clock::time_point now) {
  const kit::Instrument& instrument = *metric.instrument;
  Value points = Value::array();
  for (const kit::Series& series : metric.series) {
    Value attributes = Value::array();
    for (const auto& [name, text] : series.attributes) add_attribute(attributes, name, text);
    Value point = Value::object({{"attributes", std::move(attributes)},
                                 {"startTimeUnixNano", unix_nano(start)},
                                 {"timeUnixNano", unix_nano(now)}});
    if (instrument.is_counter())
      point.add("asInt", decimal(static_cast<std::uint64_t>(series.sum)));
    else
      add_histogram(point, series, instrument);
    points.push_back(std::move(point));
  }
  Value data = Value::object({{"dataPoints", std::move(points)}, {"aggregationTemporality", kCumulative}});
  if (instrument.is_counter()) data.add("isMonotonic", true);
  return Value::object({{"name", instrument.name},
                        {"description", instrument.description},
                        {"unit", instrument.unit},
                        {instrument.is_counter() ? "sum" : "histogram", std::move(data)}});
}

}  // namespace tachikoma::otlp
