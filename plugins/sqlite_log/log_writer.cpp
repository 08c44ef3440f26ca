// SPDX-License-Identifier: MIT
#include "log_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/try.hpp"

namespace tachikoma::sqlite_log {
namespace {

/// How many rows are removed with each that is written: a long log shrinks bit by bit.
constexpr std::int64_t kRemovedAtOnce = 200;

/// How many rows a transaction writes: where nothing can be written, no more are tried.
constexpr std::ptrdiff_t kWrittenAtOnce = 50;

std::string insert_statement() {
  std::string names, parameters;
  for (const base::LogColumn& column : base::log_columns()) {
    names.append(names.empty() ? "" : ", ").append(column.name);
    parameters += parameters.empty() ? "?" : ", ?";
  }
  return "INSERT INTO " + std::string(base::kLogTable) + " (" + names + ") VALUES (" + parameters + ")";
}

std::string removal_of(const std::string& which) {
  const std::string table(base::kLogTable);
  return "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE " + which + " LIMIT " +
         std::to_string(kRemovedAtOnce) + ")";
}

}  // namespace

Result<LogWriter> LogWriter::open(std::string file, Retention retention, base::Say say, Clock now) {
  LogWriter writer(std::move(file), retention, std::move(say), std::move(now));
  Status opened = writer.open_log();
  if (opened || base::is_passing(opened.error())) return writer;
  return std::move(opened).error();
}

Status LogWriter::open_log() {
  TACHIKOMA_TRY(base::Database database, base::open_log(file_, say_));
  TACHIKOMA_TRY(base::Statement insert, database.prepare(insert_statement()));
  TACHIKOMA_TRY(base::Statement remove_old, database.prepare(removal_of("started_at < ?")));
  TACHIKOMA_TRY(base::Statement remove_surplus,
                database.prepare(removal_of("id <= (SELECT max(id) FROM " + std::string(base::kLogTable) +
                                            ") - ? ORDER BY id")));
  log_.emplace(Log{std::move(database), std::move(insert), std::move(remove_old), std::move(remove_surplus)});
  return Done{};
}

Status LogWriter::write(Value::Array row) {
  waiting_.push_back(std::move(row));
  if (waiting_.size() > kMostWaiting) {
    waiting_.pop_front();
    ++lost_;
  }
  return write_waiting();
}

Status LogWriter::write_waiting() {
  while (!waiting_.empty()) TACHIKOMA_TRY_STATUS(write_some());
  return Done{};
}

Status LogWriter::write_some() {
  if (log_ && !log_->database.is_at(file_)) log_.reset();  // somebody has removed or renamed it
  if (!log_) TACHIKOMA_TRY_STATUS(open_log());
  Status written = insert_some();
  if (written || !base::is_damage(written.error())) return written;
  Status aside = base::set_log_aside(log_->database, say_);
  log_.reset();
  TACHIKOMA_TRY_STATUS(std::move(aside));
  TACHIKOMA_TRY_STATUS(open_log());
  return insert_some();
}

Status LogWriter::insert_some() {
  const auto end = waiting_.begin() + std::min<std::ptrdiff_t>(std::ssize(waiting_), kWrittenAtOnce);
  const auto insert_all = [&]() -> Status {
    for (auto row = waiting_.begin(); row != end; ++row) {
      TACHIKOMA_TRY_STATUS(log_->insert.bind(*row));
      TACHIKOMA_TRY_STATUS(log_->insert.run());
    }
    return remove_some();
  };
  TACHIKOMA_TRY_STATUS(log_->database.transaction(insert_all));
  waiting_.erase(waiting_.begin(), end);
  return Done{};
}

Status LogWriter::remove_some() {
  if (retention_.keep.count() > 0) {
    const std::chrono::duration<double, std::milli> oldest = (now_() - retention_.keep).time_since_epoch();
    TACHIKOMA_TRY_STATUS(log_->remove_old.bind({oldest.count()}));
    TACHIKOMA_TRY_STATUS(log_->remove_old.run());
  }
  TACHIKOMA_TRY_STATUS(log_->remove_surplus.bind({retention_.max_rows}));
  return log_->remove_surplus.run();
}

}  // namespace tachikoma::sqlite_log
