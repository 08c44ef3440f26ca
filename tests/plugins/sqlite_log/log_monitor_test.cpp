// SPDX-License-Identifier: MIT
#include "sqlite_log/log_monitor.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/logged.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A monitor with a log in a folder of its own.
struct Logged {
  TempDir folder;
  TestHost host;
  const std::string file = (folder.path() / "log.db").string();

  Result<std::unique_ptr<Monitor>> make(Value more = Value::object()) {
    Value settings = Value::object({{"file", file}, {"keep", 0}, {"max_rows", 1000}});
    for (const Member& member : more.members()) settings.set(member.key, member.value);
    return sqlite_log::make_monitor(settings, host);
  }
  std::vector<Value> rows() const { return logged_rows(file); }
};

// What the files of the log hold, in whichever state.
std::string bytes_below(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& each : std::filesystem::directory_iterator(folder)) bytes += read_file(each.path());
  return bytes;
}

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

void spoil(const std::string& file, std::streamoff from) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(from);
  stream << std::string(4096, 'x');
}

std::string refusal_of(Logged& logged, Value more = Value::object()) {
  const auto monitor = logged.make(std::move(more));
  REQUIRE(!monitor);
  CHECK(monitor.error().code == ErrorCode::config_invalid);
  CHECK_FALSE(monitor.error().hint.empty());
  return replace_all(monitor.error().message, logged.folder.path().string(), "DIR");
}

}  // namespace

TEST_CASE("a generation that has finished is a row with all that the event says", "[sqlite_log]") {
  Logged logged;
  {
    const auto monitor = logged.make().value();
    MonitorEvent early;
    early.kind = MonitorEvent::Kind::first_token;
    monitor->on_event(early);
    monitor->on_event(finished_event());
    REQUIRE(monitor->flush());
  }
  REQUIRE(logged.rows().size() == 1);
  check_golden("log/finished_row.json", to_json(logged.rows()[0], 2) + "\n");
  CHECK(logged.host.lines() == "");
}

TEST_CASE("a generation that has failed is a row with its error, and without what nobody knows",
          "[sqlite_log]") {
  Logged logged;
  logged.make().value()->on_event(failed_event());
  REQUIRE(logged.rows().size() == 1);
  check_golden("log/failed_row.json", to_json(logged.rows()[0], 2) + "\n");
}

TEST_CASE("what was said is stored only if that is wanted, images by their size", "[sqlite_log]") {
  Logged logged;
  const bool wanted = GENERATE(false, true);
  const auto monitor = logged.make(Value::object({{"content", wanted}})).value();
  CHECK(monitor->wants_content() == wanted);
  monitor->on_event(finished_event());
  const Value row = logged.rows().at(0);
  if (!wanted) {
    CHECK(row["asked"].is_null());
    CHECK(row["answered"].is_null());
    CHECK_THAT(bytes_below(logged.folder.path()), !ContainsSubstring("picture"));
    return;
  }
  CHECK(
      row["asked"].as_string() ==
      R"([{"role":"user","text":"What is on the picture of sk-secret-1?","images":[{"mime_type":"image/png","size_bytes":4}]}])");
  CHECK(row["answered"].as_string() == R"([{"role":"assistant","text":"A cat."}])");
}

TEST_CASE("what a pattern matches is never written, wherever it is said", "[sqlite_log]") {
  Logged logged;
  const auto monitor =
      logged.make(Value::object({{"content", true}, {"redact", Value::array({"sk-[a-z]+-\\d", "(?i)ADA"})}}))
          .value();
  MonitorEvent event = finished_event();
  event.extra = Value::object({{"user ada", Value::array({"by Ada", 1})}});
  event.answered[0].tool_calls = {{"1", "find", R"({"who": "ada"})"}};
  monitor->on_event(event);
  MonitorEvent failure = failed_event();
  failure.error.message = "the key sk-secret-1 is wrong";
  failure.model = "ada-7b";
  monitor->on_event(failure);

  const std::string bytes = bytes_below(logged.folder.path());
  for (const char* hidden : {"sk-secret", "ada", "Ada"}) CHECK_THAT(bytes, !ContainsSubstring(hidden));
  const std::vector<Value> rows = logged.rows();
  CHECK(rows.at(0)["extra"].as_string() == R"({"user •••":["by •••",1]})");
  CHECK(rows.at(1)["error_message"].as_string() == "the key ••• is wrong");
  CHECK(rows.at(1)["model"].as_string() == "•••-7b");
}

TEST_CASE("a pattern that is none, or that is everywhere, is refused", "[sqlite_log]") {
  Logged logged;
  CHECK(refusal_of(logged, Value::object({{"redact", Value::array({"a", "(b"})}})) ==
        "monitor 'sqlite_log' can't redact the pattern '(b': missing ): (b");
  CHECK(refusal_of(logged, Value::object({{"redact", Value::array({"x*"})}})) ==
        "monitor 'sqlite_log' can't redact the pattern 'x*': it matches a text without characters");
}

TEST_CASE("the log is for its user alone, by default in the folder for what programs remember",
          "[sqlite_log]") {
  Logged logged;
  const std::filesystem::path state = logged.folder.path() / "state";
  ::setenv("XDG_STATE_HOME", state.c_str(), 1);
  const auto monitor = sqlite_log::make_monitor(Value::object({{"max_rows", 10}}), logged.host);
  ::unsetenv("XDG_STATE_HOME");
  REQUIRE(monitor);
  (*monitor)->on_event(finished_event());
  const std::string file = (state / "tachikoma/log.db").string();
  CHECK(mode_of(state / "tachikoma") == 0700);
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(file + "-wal") == 0600);
  CHECK(logged_rows(file).size() == 1);
}

TEST_CASE("a file that can't be the log is refused, and says why", "[sqlite_log]") {
  Logged logged;
  SECTION("there is no such folder") {
    CHECK(refusal_of(logged, Value::object({{"file", logged.folder.path().string() + "/none/log.db"}})) ==
          "monitor 'sqlite_log' can't write its log: 'DIR/none/log.db': it can't be made (No such file or "
          "directory)");
  }
  SECTION("it is a folder") {
    CHECK(refusal_of(logged, Value::object({{"file", logged.folder.path().string()}})) ==
          "the log 'DIR' can't be used: it is not a regular file");
  }
  SECTION("others can write it") {
    std::ofstream(logged.file).close();
    std::filesystem::permissions(logged.file, std::filesystem::perms(0666));
    CHECK(refusal_of(logged) == "the log 'DIR/log.db' can't be used: other users can write it");
  }
  SECTION("it is of a newer version") {
    logged.make().value()->on_event(finished_event());
    {
      base::Database newer =
          base::Database::open(logged.file, base::Database::Access::write, std::chrono::seconds(1)).value();
      REQUIRE(newer.run("PRAGMA user_version = 99"));
    }
    CHECK(refusal_of(logged) ==
          "the log 'DIR/log.db' can't be used: its schema is 99, and this version knows 1");
  }
  SECTION("it is the database of another program") {
    {
      base::Database other =
          base::Database::open(logged.file, base::Database::Access::write, std::chrono::seconds(1)).value();
      REQUIRE(other.run("CREATE TABLE bookmarks (url TEXT)"));
    }
    CHECK(refusal_of(logged) == "the log 'DIR/log.db' can't be used: it is the database of another program");
  }
}

TEST_CASE("a log that can't be gone on with is renamed, which is said, and a new one is begun",
          "[sqlite_log]") {
  Logged logged;
  std::string aside;
  SECTION("it is no database") {
    logged.folder.write("log.db", std::string(5000, 'x'));
    logged.folder.write("log.db.damaged", "taken");
    std::filesystem::permissions(logged.file, std::filesystem::perms(0600));
    aside = "damaged";
  }
  SECTION("it is of an older version") {
    logged.make().value()->on_event(finished_event());
    base::Database older =
        base::Database::open(logged.file, base::Database::Access::write, std::chrono::seconds(1)).value();
    REQUIRE(older.run("PRAGMA user_version = 0"));
    aside = "of-schema-0";
  }
  const std::string name = logged.file + "." + aside + (aside == "damaged" ? "-2" : "");
  const auto monitor = logged.make().value();
  monitor->on_event(failed_event());
  CHECK(logged.rows().size() == 1);
  CHECK(std::filesystem::exists(name));
  CHECK(logged.host.lines() == "warning: the log '" + logged.file + "' is " + aside +
                                   ": it was renamed to '" + name + "', and a new one begun\n");
}

TEST_CASE("a log that is damaged while it is written is renamed, and what is to be written is not lost",
          "[sqlite_log]") {
  Logged logged;
  {
    const auto monitor = logged.make().value();
    for (int i = 0; i < 50; ++i) monitor->on_event(finished_event());
  }
  constexpr std::streamoff kPage = 4096;
  for (std::streamoff page = 1; page < 8; ++page) spoil(logged.file, page * kPage);
  const auto monitor = logged.make().value();  // what is wrong is not in what is looked at first
  CHECK(logged.host.lines() == "");
  monitor->on_event(failed_event());
  CHECK_THAT(logged.host.lines(), ContainsSubstring("log.db.damaged', and a new one begun"));
  REQUIRE(logged.rows().size() == 1);
  CHECK(logged.rows()[0]["request_id"].as_string() == "g-2");
}

TEST_CASE("a log that somebody removes while it is written is begun anew", "[sqlite_log]") {
  Logged logged;
  const auto monitor = logged.make().value();
  monitor->on_event(finished_event());
  for (const auto& each : std::filesystem::directory_iterator(logged.folder.path()))
    std::filesystem::remove(each.path());
  const auto other = logged.make().value();  // of another program, say, which has the new one open
  other->on_event(finished_event());
  monitor->on_event(failed_event());
  CHECK(logged.rows().size() == 2);
}
