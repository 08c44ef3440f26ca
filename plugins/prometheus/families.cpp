// SPDX-License-Identifier: MIT
#include "prometheus/families.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace tachikoma::exposition {
namespace {

std::string underscored(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

::prometheus::ClientMetric::Histogram histogram_of(const kit::Series& series,
                                                   const kit::Instrument& instrument) {
  ::prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = series.count;
  histogram.sample_sum = series.sum;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    const bool is_last = i == instrument.bounds.size();
    const double bound = is_last ? std::numeric_limits<double>::infinity() : instrument.bounds[i];
    so_far += series.buckets[i];
    histogram.bucket.push_back({so_far, bound});
  }
  return histogram;
}

::prometheus::ClientMetric metric_of(const kit::Series& series, const kit::Instrument& instrument) {
  ::prometheus::ClientMetric metric;
  for (const auto& [name, value] : series.attributes) metric.label.push_back({underscored(name), value});
  if (instrument.is_counter())
    metric.counter.value = series.sum;
  else
    metric.histogram = histogram_of(series, instrument);
  return metric;
}

}  // namespace

std::string metric_name(const kit::Instrument& instrument) {
  return underscored(instrument.name) + (instrument.unit == "s" ? "_seconds" : "") +
         (instrument.is_counter() ? "_total" : "");
}

std::string exposition_text(const std::vector<kit::Metric>& metrics) {
  std::vector<::prometheus::MetricFamily> families;
  for (const kit::Metric& metric : metrics) {
    const kit::Instrument& instrument = *metric.instrument;
    ::prometheus::MetricFamily family;
    family.name = metric_name(instrument);
    family.help = instrument.description;
    family.type =
        instrument.is_counter() ? ::prometheus::MetricType::Counter : ::prometheus::MetricType::Histogram;
    for (const kit::Series& series : metric.series) family.metric.push_back(metric_of(series, instrument));
    families.push_back(std::move(family));
  }
  return ::prometheus::TextSerializer().Serialize(families);
}

}  // namespace tachikoma::exposition
