// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/generation_log.hpp"
#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma::testing {

/// The rows of a log, the oldest first: an object for each, with its columns.
inline std::vector<Value> logged_rows(const std::string& file) {
  base::Database log = base::read_log(file).value();
  std::string names = "id";
  for (const base::LogColumn& column : base::log_columns()) names.append(", ").append(column.name);
  base::Statement select = log.prepare("SELECT " + names + " FROM generations ORDER BY id").value();
  std::vector<Value> rows;
  while (select.step().value()) {
    Value row = Value::object({{"id", select.column(0)}});
    int at = 0;
    for (const base::LogColumn& column : base::log_columns()) row.set(column.name, select.column(++at));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Adds rows to a log, as the plugin does.
inline void write_log(const std::string& file, const std::vector<MonitorEvent>& events) {
  base::Database log = base::open_log(file, [](auto&&) {}).value();
  std::string names, marks;
  for (const base::LogColumn& column : base::log_columns()) {
    names.append(names.empty() ? "" : ", ").append(column.name);
    marks += marks.empty() ? "?" : ", ?";
  }
  base::Statement insert =
      log.prepare("INSERT INTO generations (" + names + ") VALUES (" + marks + ")").value();
  const auto insert_all = [&]() -> Status {
    for (const MonitorEvent& event : events) {
      Value::Array row;
      for (const base::LogColumn& column : base::log_columns()) row.push_back(column.of(event));
      insert.bind(row).value();
      insert.run().value();
    }
    return Done{};
  };
  log.transaction(insert_all).value();
}

/// A generation that has ended, with a figure or a word in each of its fields.
inline MonitorEvent finished_event() {
  using namespace std::chrono_literals;
  MonitorEvent event;
  event.kind = MonitorEvent::Kind::finished;
  event.time = std::chrono::system_clock::time_point(1'600'000'002s);
  event.request_id = "g-1";
  event.provider = "lm";
  event.model = "chat";
  event.elapsed = 2s;
  event.served_model = "mistral-7b";
  event.server = "http://127.0.0.1:1234/v1?key=sk-0123456789";
  event.queue_time = 250ms;
  event.load_time = 500ms;
  event.displaced = {"lm::other"};
  event.steps = 2;
  event.retries = 1;
  event.fallbacks = 1;
  event.tool_uses = {{"clock", 3ms, true}};
  event.time_to_first_token = {750ms, Source::measured, "by the clock"};
  event.decode_time = 1250ms;
  event.tokens_per_second = {45.5, Source::reported, "the server"};
  event.usage = {12, 34, 5, 6};
  event.finish = Finish::length;
  event.extra = Value::object({{"draft", 7}});
  event.asked = {{Role::user, "What is on the picture of sk-secret-1?"}};
  event.asked[0].images = {{"image/png", "\x89PNG"}};
  event.answered = {{Role::assistant, "A cat."}};
  return event;
}

inline MonitorEvent failed_event(ErrorCode code = ErrorCode::model_lost) {
  MonitorEvent event;
  event.kind = MonitorEvent::Kind::failed;
  event.request_id = "g-2";
  event.provider = "lm";
  event.model = "chat";
  event.error = Error(code, "the model was unloaded", "load it", Value::object({{"model", "chat"}}));
  event.error.http_status = 500;
  return event;
}

}  // namespace tachikoma::testing
