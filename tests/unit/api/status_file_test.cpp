// SPDX-License-Identifier: MIT
#include "api/status_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/running_programs.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "support/user_session.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/runtime.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// What a program could report, changed by the test. It knows how often it was asked.
class Reports {
 public:
  StatusFile::MakeReport source() {
    return [this] {
      const std::lock_guard lock(mutex_);
      ++asked_;
      changed_.notify_all();
      return report_;
    };
  }
  /// Waits until what was made of the new report, if anything, is written.
  void set(const std::function<void(MemoryReport&)>& change) {
    std::unique_lock lock(mutex_);
    change(report_);
    const int before = asked_;
    changed_.wait(lock, [&] { return asked_ >= before + 2; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  MemoryReport report_ = {.models = {{.provider = "fake", .key = "a"}}, .switches = {}};
  int asked_ = 0;
};

struct Logged {
  std::vector<std::string> lines;
  LogCallback callback() {
    return [this](Severity severity, std::string_view, std::string_view text) {
      lines.push_back(std::string(to_string(severity)) + ": " + std::string(text));
    };
  }
};

Value parsed(const std::string& path) { return parse_json(read_file(path)).value(); }

std::unique_ptr<StatusFile> status_file(Reports& reports, Logged& log) {
  return StatusFile::make("app.yaml", reports.source(), log.callback(), 1ms);
}

ino_t file_number(const std::string& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("a status file says who the program is and what it keeps, as long as it exists", "[api][status]") {
  const UserSession session;
  Reports reports;
  Logged log;
  std::unique_ptr<StatusFile> file = status_file(reports, log);
  REQUIRE(file);
  const std::string name = std::to_string(::getpid()) + ".json";
  CHECK(session.files() == std::vector<std::string>{name});
  CHECK(mode_of(session.folder().path() / "tachikoma") == 0700);
  CHECK(mode_of(file->path()) == 0600);
  const Value said = parsed(file->path());
  CHECK(said["schema_version"].as_integer() == 1);
  CHECK(said["kind"].as_string() == "program");
  CHECK(said["pid"].as_integer() == ::getpid());
  CHECK(said["start_time"].as_integer() == base::start_of_process(::getpid()));
  CHECK(said["name"].as_string() == "tachikoma_test_unit");
  CHECK(said["config"].as_string() == (std::filesystem::current_path() / "app.yaml").string());
  CHECK(said["models"].elements().at(0)["key"].as_string() == "a");
  file.reset();
  CHECK(session.files().empty());
  CHECK(log.lines.empty());
}

TEST_CASE("a status file is replaced when something has changed, and only then", "[api][status]") {
  const UserSession session;
  Reports reports;
  Logged log;
  const std::unique_ptr<StatusFile> file = status_file(reports, log);
  REQUIRE(file);
  reports.set([](MemoryReport& report) { report.models[0].leases = 3; });
  CHECK(parsed(file->path())["models"].elements().at(0)["leases"].as_integer() == 3);
  const ino_t first = file_number(file->path());
  reports.set([](MemoryReport&) {});
  CHECK(file_number(file->path()) == first);
  reports.set([](MemoryReport& report) {
    report.switches.push_back({.provider = "fake", .key = "a", .loaded = true, .reason = "asked for"});
  });
  const ino_t second = file_number(file->path());
  CHECK(second != first);
  CHECK(parsed(file->path())["switches"].elements().at(0)["reason"].as_string() == "asked for");
  reports.set([](MemoryReport& report) { report.switches[0].at += 5us; });
  CHECK(file_number(file->path()) == second);
  reports.set([](MemoryReport& report) { report.switches[0].at += 1h; });
  CHECK(file_number(file->path()) != second);
  CHECK(session.files().size() == 1);
}

TEST_CASE("time that passes without use does not change a status file, use does", "[api][status]") {
  const UserSession session;
  Reports reports;
  Logged log;
  // as long as this process runs: what a report says moves with the clock, what the file says holds
  const auto start = std::chrono::system_clock::now() - 1h;
  const auto since = [](std::chrono::system_clock::time_point moment) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() - moment);
  };
  std::atomic<std::chrono::system_clock::time_point> used = start;
  const StatusFile::MakeReport counted = reports.source();
  const std::unique_ptr<StatusFile> file = StatusFile::make(
      "",
      [&] {
        MemoryReport report = counted();
        report.models[0].in_memory_for = {since(start), Source::measured, "here"};
        report.models[0].unused_for = {since(used), Source::measured, "here"};
        return report;
      },
      log.callback(), 1ms);
  REQUIRE(file);
  CHECK(parsed(file->path())["config"].is_null());
  const ino_t first = file_number(file->path());
  reports.set([](MemoryReport&) {});
  CHECK(file_number(file->path()) == first);
  used = std::chrono::system_clock::now() - 30min;
  reports.set([](MemoryReport&) {});
  CHECK(file_number(file->path()) != first);
}

TEST_CASE("two runtimes of a process, and one after another that was killed, have a file each",
          "[api][status]") {
  const UserSession session;
  Reports reports;
  Logged log;
  const std::string pid = std::to_string(::getpid());
  const std::unique_ptr<StatusFile> first = status_file(reports, log);
  {
    const std::unique_ptr<StatusFile> second = status_file(reports, log);
    CHECK(session.files() == std::vector<std::string>{pid + "-2.json", pid + ".json"});
  }
  CHECK(session.files() == std::vector<std::string>{pid + ".json"});
}

TEST_CASE("without a folder of the user's own there is no status file, and the log says why once",
          "[api][status]") {
  const TempDir dir;
  Reports reports;
  Logged log;
  const auto why = [&](const std::string& folder) {
    ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
    log.lines.clear();
    CHECK_FALSE(status_file(reports, log));
    ::unsetenv("XDG_RUNTIME_DIR");
    REQUIRE(log.lines.size() == 1);
    return log.lines[0];
  };
  CHECK_THAT(why(""),
             StartsWith("debug: ") && ContainsSubstring("XDG_RUNTIME_DIR is not set to an absolute path"));
  CHECK_THAT(why("relative"), ContainsSubstring("XDG_RUNTIME_DIR is not set to an absolute path"));
  const std::string gone = (dir.path() / "gone").string();
  CHECK_THAT(why(gone), ContainsSubstring("can't open '" + gone + "' (No such file or directory)"));
  const std::string shared = (dir.path() / "shared").string();
  std::filesystem::create_directory(shared);
  ::chmod(shared.c_str(), 01777);
  CHECK_THAT(why(shared),
             ContainsSubstring("'" + shared + "' is not a folder that only this user can write"));
  const std::string taken = (dir.path() / "taken").string();
  std::filesystem::create_directory(taken);
  dir.write("taken/tachikoma", "a file");
  CHECK_THAT(why(taken),
             ContainsSubstring("'" + taken + "/tachikoma' is not a folder that only this user can write"));
}

TEST_CASE("a status file that can't be replaced is told of once", "[api][status]") {
  const UserSession session;
  Reports reports;
  Logged log;
  const std::unique_ptr<StatusFile> file = status_file(reports, log);
  REQUIRE(file);
  std::filesystem::remove_all(session.folder().path() / "tachikoma");
  for (std::size_t i = 1; i <= 2; ++i)
    reports.set([&](MemoryReport& report) { report.models[0].leases = i; });
  REQUIRE(log.lines.size() == 1);
  CHECK_THAT(log.lines[0],
             StartsWith("warning: 'tachikoma ps' does not show this program: can't make a file"));
}

TEST_CASE("a runtime has a status file if it is asked for", "[api][status]") {
  const UserSession session;
  const TempDir dir;
  const std::string config = dir.write("app.yaml", "providers: {one: {plugin: echo, models: [a]}}\n");
  const std::filesystem::path folder = session.folder().path() / "tachikoma";
  {
    const Runtime runtime = Runtime::open({.file = config}).value();
    CHECK(runtime.explain().models.empty());
    CHECK_FALSE(std::filesystem::exists(folder));
  }
  {
    const Runtime runtime = Runtime::open({.file = config, .status_file = true}).value();
    REQUIRE(session.files().size() == 1);
    CHECK(parsed(folder / session.files()[0])["config"].as_string() == config);
    const Runtime other = Runtime::with({.plugin = "echo", .base_url = "", .status_file = true}).value();
    CHECK(session.files().size() == 2);
  }
  CHECK(session.files().empty());
}

TEST_CASE("a process is known by when it was started, whatever it is called", "[base][status]") {
  const std::int64_t start = base::start_of_process(::getpid()).value();
  CHECK(start > base::start_of_process(1).value_or(-1));
  CHECK_FALSE(base::start_of_process(0));
  CHECK_FALSE(base::start_of_process(-1));
  std::array<char, 16> name{};
  REQUIRE(::prctl(PR_GET_NAME, name.data()) == 0);
  REQUIRE(::prctl(PR_SET_NAME, "a) Z (b 1 2") == 0);
  CHECK(base::start_of_process(::getpid()) == start);
  ::prctl(PR_SET_NAME, name.data());
}
