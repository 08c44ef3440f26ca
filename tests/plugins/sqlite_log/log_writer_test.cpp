// SPDX-License-Identifier: MIT
// What the log does when it can't be written, and what it removes.
#include "sqlite_log/log_writer.hpp"

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include <sys/resource.h>

#include "sqlite_log/log_monitor.hpp"
#include "support/catch.hpp"
#include "support/logged.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// While it exists no file of this process grows: a full disk, as far as a program sees.
class FullDisk {
 public:
  FullDisk() : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit none{0, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*before_)(int);
  rlimit limit_{};
};

Value::Array row_of(const MonitorEvent& event) {
  Value::Array row;
  for (const base::LogColumn& column : base::log_columns()) row.push_back(column.of(event));
  return row;
}

MonitorEvent at(std::chrono::system_clock::time_point time, std::string id) {
  MonitorEvent event = finished_event();
  event.time = time + event.elapsed;
  event.request_id = std::move(id);
  return event;
}

std::string ids_in(const std::string& file) {
  std::string ids;
  for (const Value& row : logged_rows(file)) ids.append(row["request_id"].as_string()).append(" ");
  return ids;
}

}  // namespace

TEST_CASE("while the log can't be written its rows wait; that is said once, and once that it is over",
          "[sqlite_log]") {
  const TempDir folder;
  TestHost host;
  const std::string file = (folder.path() / "log.db").string();
  const auto monitor =
      sqlite_log::make_monitor(Value::object({{"file", file}, {"max_rows", 100}}), host).value();
  monitor->on_event(finished_event());
  std::string why;
  SECTION("another program holds it") {
    base::Database holder = base::Database::open(file, base::Database::Access::write, 1s).value();
    REQUIRE(holder.run("BEGIN IMMEDIATE"));
    monitor->on_event(failed_event());
    const Status flushed = monitor->flush();
    REQUIRE(!flushed);
    CHECK(flushed.error().message == "1 generations are not in the log: '" + file + "': database is locked");
    why = "database is locked";
  }
  SECTION("the disk is full") {
    const FullDisk full;
    monitor->on_event(failed_event());
    CHECK(!monitor->flush());
    why = "disk I/O error";
  }
  CHECK(host.lines() == "error: generations can't be logged now: '" + file + "': " + why + "\n");
  CHECK(logged_rows(file).size() == 1);
  monitor->on_event(finished_event());
  CHECK(monitor->flush());
  CHECK(host.lines() == "error: generations can't be logged now: '" + file + "': " + why +
                            "\nwarning: generations are logged again; 0 are missing so far\n");
  const std::vector<Value> rows = logged_rows(file);
  REQUIRE(rows.size() == 3);
  CHECK(rows[1]["outcome"].as_string() == "failed");
}

TEST_CASE("what waits is bounded, and what is dropped for that is counted", "[sqlite_log]") {
  const TempDir folder;
  const std::string file = (folder.path() / "log.db").string();
  auto writer = sqlite_log::LogWriter::open(file, {.max_rows = 5000}, [](auto&&) {}).value();
  {
    const FullDisk full;
    for (std::size_t i = 0; i < sqlite_log::LogWriter::kMostWaiting + 3; ++i)
      CHECK(!writer.write(row_of(at({}, std::to_string(i)))));
  }
  CHECK(writer.waiting() == sqlite_log::LogWriter::kMostWaiting);
  CHECK(writer.lost() == 3);
  CHECK(writer.write_waiting());
  CHECK(logged_rows(file).size() == sqlite_log::LogWriter::kMostWaiting);
  CHECK(logged_rows(file)[0]["request_id"].as_string() == "3");
}

TEST_CASE("a log that can't be opened just now is opened later", "[sqlite_log]") {
  const TempDir folder;
  const std::string file = (folder.path() / "log.db").string();
  base::Database holder = base::Database::open(file, base::Database::Access::write, 1s).value();
  REQUIRE(holder.run("BEGIN EXCLUSIVE"));
  auto writer = sqlite_log::LogWriter::open(file, {.max_rows = 10}, [](auto&&) {}).value();
  REQUIRE(holder.run("ROLLBACK"));
  CHECK(writer.write(row_of(finished_event())));
  CHECK(logged_rows(file).size() == 1);
}

TEST_CASE("rows are removed when they are too old, or too many", "[sqlite_log]") {
  const TempDir folder;
  const std::string file = (folder.path() / "log.db").string();
  const std::chrono::system_clock::time_point start(1'790'000'000s);
  auto now = start;
  auto writer = sqlite_log::LogWriter::open(
                    file, {.keep = std::chrono::hours(24), .max_rows = 3}, [](auto&&) {}, [&] { return now; })
                    .value();
  for (const char* id : {"a", "b", "c"}) CHECK(writer.write(row_of(at(now, id))));
  CHECK(ids_in(file) == "a b c ");
  CHECK(writer.write(row_of(at(now, "d"))));
  CHECK(ids_in(file) == "b c d ");
  now += std::chrono::hours(24);
  CHECK(writer.write(row_of(at(now, "e"))));
  CHECK(ids_in(file) == "c d e ");
  now += 1ms;
  CHECK(writer.write(row_of(at(now, "f"))));
  CHECK(ids_in(file) == "e f ");
}

TEST_CASE("a log that is far too long shrinks bit by bit", "[sqlite_log]") {
  const TempDir folder;
  const std::string file = (folder.path() / "log.db").string();
  const auto open = [&](std::int64_t most) {
    return sqlite_log::LogWriter::open(file, {.max_rows = most}, [](auto&&) {}).value();
  };
  {
    auto writer = open(1000);
    for (int i = 0; i < 500; ++i) REQUIRE(writer.write(row_of(at({}, std::to_string(i)))));
  }
  auto writer = open(10);
  REQUIRE(writer.write(row_of(at({}, "500"))));
  CHECK(logged_rows(file).size() == 301);
  REQUIRE(writer.write(row_of(at({}, "501"))));
  REQUIRE(writer.write(row_of(at({}, "502"))));
  CHECK(logged_rows(file).size() == 10);
}
