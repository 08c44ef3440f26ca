// SPDX-License-Identifier: MIT
#include "log_page.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <string_view>
#include <utility>

#include "base/lists.hpp"
#include "log_page_text.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

constexpr std::size_t kBuckets = 48;
constexpr std::size_t kMostModels = 12;

/// What was asked of a model in each part of the time.
using Course = std::array<ModelStatistics, kBuckets>;

std::size_t bucket_of(double time, const LogStatistics& statistics) {
  const double span = statistics.last - statistics.first;
  if (span <= 0) return 0;
  const double share = (time - statistics.first) / span;
  return std::min(static_cast<std::size_t>(share * kBuckets), kBuckets - 1);
}

Value or_null(const std::optional<double>& number) { return number ? Value(*number) : Value(); }

Value middle_of(const Times& times) { return times.count() ? Value(times.percentile(50)) : Value(); }

// A figure of each bucket, null where nothing was asked.
template <class Figure>
Value figures(const Course& course, const Figure& figure) {
  return base::array_of(
      course, [&](const ModelStatistics& each) { return each.requests ? Value(figure(each)) : Value(); });
}

Value course_value(const Course& course) {
  const auto count = [](auto number) { return Value(static_cast<std::int64_t>(number)); };
  return Value::object(
      {{"requests", figures(course, [&](const auto& each) { return count(each.requests); })},
       {"tokens_per_second",
        figures(course, [](const auto& each) { return or_null(each.tokens_per_second()); })},
       {"time_to_first_token", figures(course, [](const auto& each) { return middle_of(each.first_token); })},
       {"total_time", figures(course, [](const auto& each) { return middle_of(each.total); })},
       {"tokens", figures(course,
                          [&](const auto& each) {
                            return count(each.prompt_tokens.sum + each.completion_tokens.sum);
                          })},
       {"switches", figures(course, [&](const auto& each) { return count(each.switches); })}});
}

// The statistics as JSON, with the course of each model. The models that were asked most come first, and
// others than these are only counted.
Value page_data(const LogStatistics& statistics, const std::vector<LoggedGeneration>& generations) {
  std::map<std::string, Course> courses;
  for (const LoggedGeneration& each : generations)
    courses[each.model][bucket_of(each.started_at, statistics)].add(each);
  Value data = to_value(statistics);
  Value::Array models = data["models"].elements();
  std::stable_sort(models.begin(), models.end(), [](const Value& a, const Value& b) {
    return a["requests"].as_integer() > b["requests"].as_integer();
  });
  const std::size_t shown = std::min(models.size(), kMostModels);
  data.set("left_out", static_cast<std::int64_t>(models.size() - shown));
  models.resize(shown);
  for (Value& model : models)
    model.set("course", course_value(courses[std::string(model["address"].as_string())]));
  data.set("models", std::move(models));
  return data;
}

// JSON that ends no element of a page, whatever its texts say.
std::string as_script(const Value& data) {
  std::string safe;
  for (const char c : to_json(data)) c == '<' ? safe += "\\u003c" : safe += c;
  return safe;
}

}  // namespace

Status write_log_page(const std::string& file, const LogStatistics& statistics,
                      const std::vector<LoggedGeneration>& generations) {
  constexpr std::string_view kPlace = "{{data}}";
  std::string page = kLogPageText;
  page.replace(page.find(kPlace), kPlace.size(), as_script(page_data(statistics, generations)));
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << page << std::flush;
  if (stream) return Done{};
  return Error(ErrorCode::invalid_argument, "can't write '" + file + "' (" + std::strerror(errno) + ")",
               "give --html a file in an existing folder that you may write to");
}

}  // namespace tachikoma::cli
