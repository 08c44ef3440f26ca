// SPDX-License-Identifier: MIT
#include "models/instance_records.hpp"

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

#include "base/running_programs.hpp"
#include "support/catch.hpp"
#include "support/user_session.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using models::InstanceRecord;
using models::InstanceRecords;
using models::RecordedInstance;
using Taken = InstanceRecord::Taken;

namespace {

const std::string kServer = "http://127.0.0.1:1234";
const std::string kUsed = "/tachikoma/instances/";

/// Each is what a program of its own has: locks belong to open files, not to processes.
struct Programs {
  UserSession session;
  InstanceRecords one{{}}, two{{}};
};

using Ids = std::vector<std::string>;

// That of an instance which was loaded, and is not used yet.
InstanceRecords::Record written(InstanceRecords& by, const std::string& id,
                                const std::string& server = kServer) {
  const auto record = by.write({.server = server, .key = "a", .id = id});
  REQUIRE(record);
  record->leave();
  return record;
}

InstanceRecords::Record seen(InstanceRecords& by, const Ids& list) {
  const auto found = by.match(kServer, list, InstanceRecord::Clock::now());
  return found.empty() ? nullptr : found.begin()->second;
}

// As if nobody had used it for an hour.
void age(const UserSession& session) {
  for (const std::string& name : session.records()) {
    const std::string path = session.folder().path().string() + kUsed + name;
    const auto then = std::chrono::system_clock::to_time_t(InstanceRecord::Clock::now() - 1h);
    const timespec times[2] = {{then, 0}, {then, 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  }
}

// The record of a program that has ended.
void write_old(const UserSession& session, RecordedInstance instance) {
  InstanceRecords writer({});
  writer.write(instance)->leave();
  instance.loader = ::getpid();
  instance.loader_start = *base::start_of_process(::getpid()) + 1;
  session.folder().write("tachikoma/instances/" + session.records().at(0),
                         to_json(models::to_value(instance)));
}

}  // namespace

TEST_CASE("a record says who loaded an instance, in a folder of its user alone", "[records]") {
  Programs programs;
  REQUIRE(programs.one.write({.server = kServer, .key = "a", .id = "a:2", .ttl = 1h}));
  REQUIRE(programs.session.records().size() == 1);
  const std::string folder = programs.session.folder().path().string() + "/tachikoma/instances";
  const Value said = parse_json(read_file(folder + "/" + programs.session.records()[0])).value();
  CHECK(said["schema_version"].as_integer() == 1);
  CHECK(said["kind"].as_string() == "instance");
  CHECK(said["server"].as_string() == kServer);
  CHECK(said["key"].as_string() == "a");
  CHECK(said["instance"].as_string() == "a:2");
  CHECK(said["ttl_ms"].as_integer() == 3'600'000);
  CHECK(said["pid"].as_integer() == ::getpid());
  CHECK(said["start_time"].as_integer() == *base::start_of_process(::getpid()));
  struct stat status = {};
  REQUIRE(::stat(folder.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  REQUIRE(::stat((folder + "/" + programs.session.records()[0]).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("an instance that one program uses can't be taken by another, until the last use ends",
          "[records]") {
  Programs programs;
  const auto mine = written(programs.one, "a");
  const auto theirs = seen(programs.two, Ids({"a"}));
  REQUIRE(theirs);
  REQUIRE(mine->enter());
  REQUIRE(mine->enter());
  CHECK(theirs->take() == Taken::in_use);
  CHECK(theirs->enter());  // both may use it
  theirs->leave();
  mine->leave();
  CHECK(theirs->take() == Taken::in_use);
  mine->leave();
  CHECK(theirs->take() == Taken::yes);
}

TEST_CASE("an instance that one program unloads can't be used by another", "[records]") {
  Programs programs;
  const auto mine = written(programs.one, "a");
  const auto theirs = seen(programs.two, Ids({"a"}));
  REQUIRE(theirs->take() == Taken::yes);
  CHECK_FALSE(mine->enter());
  CHECK(mine->is_taken());
  CHECK(mine->take() == Taken::in_use);
  SECTION("it could not be unloaded") {
    theirs->give_back();
    CHECK_FALSE(mine->is_taken());
    CHECK(mine->enter());
  }
  SECTION("it is unloaded") {
    theirs->remove();
    CHECK_FALSE(mine->is_taken());
    CHECK_FALSE(mine->enter());
    CHECK(mine->take() == Taken::gone);
    CHECK(programs.session.records().empty());
    CHECK_FALSE(seen(programs.one, Ids({"a"})));
  }
}

TEST_CASE("the locks of a program that ends are free, and the record stays", "[records]") {
  Programs programs;
  {
    InstanceRecords ended({});
    REQUIRE(written(ended, "a")->enter());
  }
  const auto theirs = seen(programs.two, Ids({"a"}));
  REQUIRE(theirs);
  CHECK(theirs->take() == Taken::yes);
}

TEST_CASE("an instance that is being loaded is used, and has one record", "[records]") {
  Programs programs;
  const auto first = programs.one.write({.server = kServer, .key = "a", .id = "a"});
  REQUIRE(first);
  CHECK_FALSE(programs.two.write({.server = kServer, .key = "a", .id = "a"}));
  CHECK(seen(programs.two, Ids({"a"}))->take() == Taken::in_use);
  CHECK(first->is_current());
  first->leave();
  CHECK(seen(programs.two, Ids({"a"}))->take() == Taken::yes);
}

TEST_CASE("a record of an instance that is loaded again is another one", "[records]") {
  Programs programs;
  const auto first = written(programs.one, "a");
  CHECK_FALSE(programs.two.write({.server = kServer, .key = "a", .id = "a"}));  // the list was out of date
  programs.two.match(kServer, {}, InstanceRecord::Clock::now() + 1s);
  const auto second = written(programs.two, "a");
  CHECK_FALSE(first->is_current());
  CHECK_FALSE(first->enter());
  CHECK(seen(programs.one, Ids({"a"})) != first);
  first->remove();  // not that of the other
  CHECK(second->is_current());
  CHECK(programs.session.records().size() == 1);
}

TEST_CASE("what a server's list lacks loses its record", "[records]") {
  Programs programs;
  const auto mine = written(programs.one, "a");
  written(programs.one, "a", "http://127.0.0.1:1");
  SECTION("if it was there before the list") {
    programs.two.match(kServer, Ids({"b"}), InstanceRecord::Clock::now() + 1s);
    CHECK_FALSE(mine->is_current());
    CHECK(programs.session.records().size() == 1);  // that of the other server
  }
  SECTION("not if it came after the list") {
    programs.two.match(kServer, Ids({"b"}), InstanceRecord::Clock::now() - 1h);
    CHECK(mine->is_current());
  }
  SECTION("not while it is used") {
    REQUIRE(mine->enter());
    programs.two.match(kServer, Ids({"b"}), InstanceRecord::Clock::now() + 1s);
    CHECK(mine->is_current());
  }
}

TEST_CASE("a record is removed while nobody uses it, if it is void then", "[records]") {
  Programs programs;
  const auto mine = written(programs.one, "a");
  const auto theirs = seen(programs.two, Ids({"a"}));
  bool asked = false;
  const auto is_void = [&] {
    asked = true;
    CHECK_FALSE(theirs->enter());
    return true;
  };
  SECTION("it is") {
    mine->remove_if(is_void);
    CHECK(asked);
    CHECK_FALSE(theirs->is_current());
  }
  SECTION("it is not, after all") {
    mine->remove_if([] { return false; });
    CHECK(theirs->enter());
  }
  SECTION("it is used") {
    REQUIRE(theirs->enter());
    mine->remove_if(is_void);
    CHECK_FALSE(asked);
    CHECK(theirs->is_current());
  }
}

TEST_CASE("who loads what another program has recorded uses its record", "[records]") {
  Programs programs;
  const RecordedInstance a{.server = kServer, .key = "a", .id = "a"};
  const auto mine = programs.one.write(a);
  const auto joined = programs.two.join_or_write(a);
  REQUIRE(joined);
  mine->leave();
  CHECK(mine->take() == Taken::in_use);
  joined->leave();
  SECTION("it is there") { CHECK(mine->take() == Taken::yes); }
  SECTION("it is gone") {
    mine->remove();
    const auto written = programs.two.join_or_write(a);
    REQUIRE(written);
    CHECK(written->is_current());
    CHECK(seen(programs.one, Ids({"a"}))->take() == Taken::in_use);
  }
}

TEST_CASE("programs see when others change what is in a server's memory", "[records]") {
  Programs programs;
  const auto mine = programs.one.begin_load(kServer, {});
  CHECK_FALSE(mine.saw_others());
  const auto before = programs.one.changed_at(kServer);
  SECTION("by the beginning of a load") {
    const auto other = programs.two.begin_load(kServer, {});
    CHECK(mine.saw_others());
  }
  SECTION("by its end") {
    std::optional<models::RunningLoad> other(programs.two.begin_load(kServer, {}));
    const auto later = programs.one.begin_load(kServer, {});
    CHECK_FALSE(later.saw_others());
    other.reset();
    CHECK(later.saw_others());
  }
  SECTION("by an unload") { programs.two.note_unloaded(kServer); }
  CHECK(programs.one.changed_at(kServer) != before);
}

TEST_CASE("a record is void when its time has passed without use", "[records]") {
  Programs programs;
  const RecordedInstance loaded{.server = kServer, .key = "a", .id = "a", .ttl = 30min};
  const auto is_valid = [&] { return seen(programs.two, Ids({"a"})) != nullptr; };
  SECTION("after its loader has ended") {
    write_old(programs.session, loaded);
    CHECK(is_valid());
    age(programs.session);
    CHECK_FALSE(is_valid());
    CHECK(programs.session.records().empty());
  }
  SECTION("not while its loader runs") {
    programs.one.write(loaded)->leave();
    age(programs.session);
    CHECK(is_valid());
  }
  SECTION("not while it is used") {
    write_old(programs.session, loaded);
    const auto used = seen(programs.one, Ids({"a"}));
    REQUIRE(used->enter());
    age(programs.session);
    CHECK(is_valid());
    used->leave();  // and from then on it counts anew
    CHECK(is_valid());
  }
  SECTION("never, if it never leaves by itself") {
    write_old(programs.session, {.server = kServer, .key = "a", .id = "a"});
    age(programs.session);
    CHECK(is_valid());
  }
}

TEST_CASE("what is no whole record is none", "[records]") {
  Programs programs;
  written(programs.one, "a");
  const std::string name = programs.session.records().at(0);
  const std::string whole = read_file(programs.session.folder().path().string() + kUsed + name);
  const std::string text = GENERATE_COPY(
      std::string(), std::string("{"), whole.substr(0, whole.size() / 2), std::string("[]"),
      std::string(R"({"schema_version": 2, "kind": "instance", "server": "s", "key": "a", "instance": "a"})"),
      std::string(
          R"({"schema_version": 1, "kind": "instance", "server": "s", "key": "a", "instance": "a"})"));
  programs.session.folder().write("tachikoma/instances/" + name, text);
  InstanceRecords third({});
  CHECK_FALSE(seen(third, Ids({"a"})));
}

TEST_CASE("of several programs that load an instance at once, one writes its record", "[records]") {
  Programs programs;
  std::atomic<int> writers = 0, together = 0;
  std::vector<std::future<int>> writing;
  for (int i = 0; i < 8; ++i)
    writing.push_back(std::async(std::launch::async, [&] {
      InstanceRecords own({});
      int written = 0;
      for (int round = 0; round < 50; ++round) {
        const auto record = own.write({.server = kServer, .key = "a", .id = "a"});
        if (!record) continue;
        if (++writers > 1) ++together;
        ++written;
        --writers;
        record->remove();
        record->leave();
      }
      return written;
    }));
  int written = 0;
  for (auto& each : writing) written += each.get();
  CHECK(written > 0);
  CHECK(together == 0);
}

TEST_CASE("where programs can't share a folder there are no records, and the log says why once",
          "[records]") {
  std::vector<std::string> log;
  InstanceRecords records([&](Severity severity, std::string_view, std::string_view text) {
    log.push_back(std::string(to_string(severity)) + ": " + std::string(text));
  });
  CHECK_FALSE(records.are_kept());
  CHECK_FALSE(records.write({.server = kServer, .key = "a", .id = "a"}));
  CHECK(records.match(kServer, Ids({"a"}), InstanceRecord::Clock::now()).empty());
  CHECK(records.take(kServer, {"a"}, {}, {}).value().empty());
  REQUIRE(log.size() == 1);
  CHECK_THAT(log[0], StartsWith("debug: other programs can't see which models this one uses") &&
                         ContainsSubstring("XDG_RUNTIME_DIR is not set"));
}

TEST_CASE("others may not write the folder of the records", "[records]") {
  const UserSession session;
  const std::string folder = session.folder().path().string() + "/tachikoma/instances";
  std::filesystem::create_directories(folder);
  REQUIRE(::chmod(folder.c_str(), 0777) == 0);
  CHECK_FALSE(InstanceRecords({}).are_kept());
}

TEST_CASE("taking instances waits until nobody uses them", "[records]") {
  Programs programs;
  const auto used = written(programs.one, "a");
  written(programs.one, "a:2");
  REQUIRE(used->enter());
  std::stop_source stop;
  std::promise<void> waits;
  auto taking = std::async(std::launch::async, [&] {
    return programs.two.take(kServer, {"a:2", "a"}, stop.get_token(), [&](const InstanceRecord& record) {
      CHECK(record.instance().id == "a");
      waits.set_value();
    });
  });
  waits.get_future().wait();
  SECTION("the use ends") {
    used->leave();
    CHECK(taking.get().value().size() == 2);
    CHECK_FALSE(used->enter());
  }
  SECTION("it is given up") {
    stop.request_stop();
    CHECK(taking.get().error().code == ErrorCode::cancelled);
    used->leave();
    for (const auto& [id, record] : programs.one.match(kServer, Ids({"a", "a:2"}), {}))
      CHECK(record->enter());
  }
}

TEST_CASE("one server has one address in records", "[records]") {
  for (const char* url : {"http://127.0.0.1:1234", "http://localhost:1234/", "127.0.0.1:1234",
                          "http://LOCALHOST:1234/v1", "http://127.0.0.1:1234/v1/"})
    CHECK(models::recorded_address(url) == kServer);
  CHECK(models::recorded_address("https://gw.example/lm/v1") == "https://gw.example/lm");
  CHECK(models::recorded_address("http://localhost.example:1234") == "http://localhost.example:1234");
}
