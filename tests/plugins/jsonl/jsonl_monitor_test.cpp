// SPDX-License-Identifier: MIT
#include "jsonl/jsonl_monitor.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

namespace fs = std::filesystem;

Value writing_to(const std::string& file) { return Value::object({{"file", file}}); }

MonitorEvent plain_event(MonitorEvent::Kind kind) { return {.kind = kind, .request_id = "r1"}; }

}  // namespace

TEST_CASE("jsonl writes how generations ended, and what came before if it is told to", "[jsonl]") {
  const TempDir dir;
  const std::string file = (dir.path() / "log").string();
  TestHost host;
  Value settings = writing_to(file);
  const auto kinds = [&] {
    auto monitor = jsonl::make_monitor(settings, host).value();
    for (const auto kind : {MonitorEvent::Kind::started, MonitorEvent::Kind::first_token,
                            MonitorEvent::Kind::finished, MonitorEvent::Kind::failed})
      monitor->on_event(plain_event(kind));
    CHECK(monitor->flush());
    std::string seen, text = read_file(file);
    for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.erase(0, end + 1))
      seen += std::string(parse_json(text.substr(0, end)).value()["kind"].as_string()) + " ";
    fs::remove(file);
    return seen;
  };
  CHECK(kinds() == "finished failed ");
  settings.set("events", "all");
  CHECK(kinds() == "started first_token finished failed ");
  CHECK(host.lines().empty());
}

TEST_CASE("jsonl wants what was said only if it is told to", "[jsonl]") {
  const TempDir dir;
  TestHost host;
  Value settings = writing_to((dir.path() / "log").string());
  CHECK_FALSE(jsonl::make_monitor(settings, host).value()->wants_content());
  settings.set("content", true);
  CHECK(jsonl::make_monitor(settings, host).value()->wants_content());
}

TEST_CASE("jsonl says once that a disk is full, and once that it can be written again", "[jsonl]") {
  const TempDir dir;
  const std::string link = (dir.path() / "log").string();
  fs::create_symlink("/dev/full", link);
  TestHost host;
  const auto monitor = jsonl::make_monitor(writing_to(link), host).value();
  const MonitorEvent event = plain_event(MonitorEvent::Kind::finished);
  monitor->on_event(event);
  monitor->on_event(event);
  const std::string full = "error: can't write to '" + link +
                           "' (No space left on device); events are lost until it can be written again\n";
  CHECK(host.lines() == full);
  CHECK(monitor->flush().error().message == "2 events could not be written to '" + link + "'");
  fs::remove(link);
  monitor->on_event(event);
  monitor->on_event(event);
  CHECK(host.lines() == full + "info: '" + link + "' can be written again; lost: 2 events\n");
  CHECK(monitor->flush());
}

TEST_CASE("jsonl says once that a file can't be renamed, and goes on", "[jsonl]") {
  const TempDir dir;
  const std::string file = (dir.path() / "log").string();
  fs::create_directories(file + ".1/not-empty");
  TestHost host;
  Value settings = writing_to(file);
  settings.set("rotate_at", 10);
  settings.set("keep", 1);
  const auto monitor = jsonl::make_monitor(settings, host).value();
  for (int i = 0; i < 3; ++i) monitor->on_event(plain_event(MonitorEvent::Kind::finished));
  CHECK(host.lines() == "warning: can't rename '" + file + "' (Is a directory); it grows on\n");
  CHECK(monitor->flush());
}

TEST_CASE("jsonl is refused a file that it can't open, with the reason", "[jsonl]") {
  TestHost host;
  const Error error = jsonl::make_monitor(writing_to("/nowhere/x"), host).error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message == "monitor 'jsonl' can't write to '/nowhere/x' (No such file or directory)");
  CHECK(error.hint == "set 'file' to a path in an existing folder that you may write to");
}
