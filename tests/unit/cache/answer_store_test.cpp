// SPDX-License-Identifier: MIT
#include "cache/answer_store.hpp"

#include <csignal>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include "cache/answer_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

base::Database open_database(const std::string& file) {
  return base::Database::open(file, base::Database::Access::write, 5s).value();
}

/// A store in a folder of its own, with a clock that stands still.
struct StoreWorld {
  TempDir folder;
  CacheConfig config{.file = (folder.path() / "answers.db").string()};
  std::chrono::system_clock::time_point now{std::chrono::hours(500'000)};
  std::chrono::milliseconds patience = 1min;
  std::mutex mutex;  // guards the log
  std::vector<std::string> log;

  cache::AnswerStore store() {
    return {config,
            [this](Severity, std::string_view, std::string_view text) {
              const std::lock_guard lock(mutex);
              log.emplace_back(text);
            },
            [this] { return now; }, patience};
  }
  // By another program, as far as it makes a difference.
  void change(const char* statements) const {
    base::Database database = open_database(config.file);
    database.run(statements).value();
  }
};

constexpr char kGoesOn[] = "; generations go on without it";

}  // namespace

TEST_CASE("an answer is found for its own request alone, as it was kept, by whoever has the file",
          "[cache]") {
  StoreWorld world;
  const std::string request("a\0b", 3), answer("\0\xff", 2);
  {
    cache::AnswerStore store = world.store();
    CHECK_FALSE(store.find(request));
    store.keep(request, answer);
    CHECK(store.find(request) == answer);
    CHECK_FALSE(store.find("a"));
    store.keep("", "nothing");
    CHECK(store.find("") == "nothing");
  }
  cache::AnswerStore later = world.store();
  CHECK(later.find(request) == answer);
  later.keep(request, "another");
  CHECK(later.find(request) == "another");
  CHECK(world.log.empty());
}

TEST_CASE("two requests of the same hash have each their own answer", "[cache]") {
  StoreWorld world;
  cache::AnswerStore store = world.store();
  store.keep("one", "1");
  store.keep("two", "2");
  world.change("UPDATE answers SET hash = (SELECT hash FROM answers WHERE request = CAST('one' AS BLOB))");
  CHECK(store.find("one") == "1");
  CHECK_FALSE(store.find("two"));
}

TEST_CASE("the file and the folder that is made for it are this user's alone", "[cache]") {
  StoreWorld world;
  world.config.file = (world.folder.path() / "new" / "answers.db").string();
  world.store().keep("a", "1");
  struct stat file = {}, folder = {};
  REQUIRE(::stat(world.config.file.c_str(), &file) == 0);
  REQUIRE(::stat((world.folder.path() / "new").c_str(), &folder) == 0);
  CHECK((file.st_mode & 077) == 0);
  CHECK((folder.st_mode & 077) == 0);
}

TEST_CASE("an answer is given for the configured time, or for ever", "[cache]") {
  StoreWorld world;
  world.config.ttl = 1h;
  SECTION("for an hour") {
    cache::AnswerStore store = world.store();
    store.keep("a", "1");
    world.now += 1h;
    CHECK(store.find("a") == "1");
    world.now += 1ms;
    CHECK_FALSE(store.find("a"));
    store.keep("b", "2");  // what is too old leaves
    world.now -= 1h;
    CHECK_FALSE(store.find("a"));
  }
  SECTION("for ever") {
    world.config.ttl = 0ms;
    cache::AnswerStore store = world.store();
    store.keep("a", "1");
    world.now += 24h * 36'500;
    CHECK(store.find("a") == "1");
  }
}

TEST_CASE("the file keeps to its size, and what was not used for the longest time leaves", "[cache]") {
  StoreWorld world;
  world.config.max_size = 1'000'000;
  cache::AnswerStore store = world.store();
  const std::string answer(20'000, 'x');
  store.keep("used", answer);
  for (int i = 0; i < 100; ++i) {
    world.now += 2min;
    CHECK(store.find("used"));
    store.keep(std::to_string(i), answer);
  }
  CHECK_FALSE(store.find("0"));
  CHECK(store.find("99") == answer);
  CHECK(fs::file_size(world.config.file) <= 1'100'000);
  store.keep("too large", std::string(300'000, 'x'));
  CHECK_FALSE(store.find("too large"));
}

TEST_CASE("a file that was larger shrinks when its size is lowered", "[cache]") {
  StoreWorld world;
  world.config.max_size = 5'000'000;
  {
    cache::AnswerStore store = world.store();
    for (int i = 0; i < 200; ++i) store.keep(std::to_string(i), std::string(20'000, 'x'));
  }
  CHECK(fs::file_size(world.config.file) > 3'000'000);
  world.config.max_size = 1'000'000;
  {
    cache::AnswerStore store = world.store();
    for (int i = 0; i < 20; ++i) store.keep("again " + std::to_string(i), "1");
  }
  CHECK(fs::file_size(world.config.file) <= 1'100'000);
}

TEST_CASE("a damaged file is set aside under a name that is said, and a new one begun", "[cache]") {
  StoreWorld world;
  world.folder.write("answers.db", std::string(5000, '?'));
  cache::AnswerStore store = world.store();
  CHECK_FALSE(store.find("a"));
  store.keep("a", "1");
  CHECK(store.find("a") == "1");
  const std::string aside = world.config.file + ".damaged";
  CHECK(read_file(aside) == std::string(5000, '?'));
  CHECK(world.log ==
        std::vector<std::string>{"'" + world.config.file + "' is damaged (file is not a database): it is '" +
                                 aside + "' now, and a new one was begun"});
}

TEST_CASE("damage that shows only later is no answer, and has the file set aside too", "[cache]") {
  StoreWorld world;
  {
    cache::AnswerStore store = world.store();
    for (int i = 0; i < 50; ++i) store.keep(std::to_string(i), std::string(5'000, 'x'));
  }
  std::string content = read_file(world.config.file);
  content.replace(4096, content.size() - 4096, content.size() - 4096, '\xee');  // all but the first page
  world.folder.write("answers.db", content);
  cache::AnswerStore store = world.store();
  CHECK_FALSE(store.find("1"));
  REQUIRE(world.log.size() == 1);
  CHECK_THAT(world.log[0], ContainsSubstring("answers.db.damaged"));
  store.keep("1", "new");
  CHECK(store.find("1") == "new");
}

TEST_CASE("a file of a newer version is left as it is, and the cache is off", "[cache]") {
  StoreWorld world;
  world.store().keep("a", "1");
  world.change("PRAGMA user_version = 2");
  cache::AnswerStore store = world.store();
  CHECK_FALSE(store.find("a"));
  store.keep("b", "2");
  CHECK(world.log == std::vector<std::string>{
                         "the response cache can't be opened: '" + world.config.file +
                         "' was written by a newer version of Tachikoma: its schema is 2, and this version "
                         "knows 1 (use that version, or name another file in cache.file)" +
                         kGoesOn});
  world.change("PRAGMA user_version = 1");
  CHECK(world.store().find("a") == "1");
}

TEST_CASE("a file in an older form is set aside", "[cache]") {
  StoreWorld world;
  world.store().keep("a", "1");
  world.change("PRAGMA user_version = 0");
  cache::AnswerStore store = world.store();
  CHECK_FALSE(store.find("a"));
  REQUIRE(world.log.size() == 1);
  CHECK_THAT(world.log[0], ContainsSubstring("has the form of an older version: it is"));
  CHECK(fs::exists(world.config.file + ".old"));
}

TEST_CASE("another program's database is left as it is", "[cache]") {
  StoreWorld world;
  world.folder.write("answers.db", "");
  world.change("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
  cache::AnswerStore store = world.store();
  store.keep("a", "1");
  CHECK_FALSE(store.find("a"));
  REQUIRE(world.log.size() == 1);
  CHECK_THAT(world.log[0], ContainsSubstring("is the database of another program"));
  CHECK(open_database(world.config.file).value_of("SELECT count(*) FROM t").value().as_integer() == 1);
}

TEST_CASE("what can't be opened is said once, and does no further harm", "[cache]") {
  StoreWorld world;
  std::string expected;
  SECTION("a file that others can write") {
    world.store().keep("a", "1");
    REQUIRE(::chmod(world.config.file.c_str(), 0666) == 0);
    expected = "is not a file that only you can write";
  }
  SECTION("a folder in its place") {
    fs::create_directory(world.config.file);
    expected = "is not a file that only you can write";
  }
  SECTION("no folder for it") {
    world.folder.write("file", "");
    world.config.file = (world.folder.path() / "file" / "answers.db").string();
    expected = "Not a directory";
  }
  cache::AnswerStore store = world.store();
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(store.find("a"));
    store.keep("b", "2");
  }
  REQUIRE(world.log.size() == 1);
  CHECK_THAT(world.log[0], ContainsSubstring(expected));
  CHECK_THAT(world.log[0], ContainsSubstring(kGoesOn));
}

TEST_CASE("while another program keeps the file locked, nothing is kept, and what is there is found",
          "[cache]") {
  StoreWorld world;
  world.patience = 1ms;
  cache::AnswerStore store = world.store();
  store.keep("a", "1");
  base::Database other = open_database(world.config.file);
  other.run("BEGIN IMMEDIATE").value();
  world.now += 1h;
  CHECK(store.find("a") == "1");
  store.keep("b", "2");
  store.keep("c", "3");
  CHECK(world.log == std::vector<std::string>{"the response cache can't be written: '" + world.config.file +
                                              "': database is locked" + kGoesOn});
  other.run("ROLLBACK").value();
  store.keep("b", "2");
  CHECK(store.find("b") == "2");
}

TEST_CASE("a full disk is said once, and costs nothing but the answers that don't fit", "[cache]") {
  StoreWorld world;
  cache::AnswerStore store = world.store();
  store.keep("a", "1");
  struct rlimit before = {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = before;
  limit.rlim_cur = 200'000;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  for (int i = 0; i < 3; ++i) store.keep(std::to_string(i), std::string(1'000'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  REQUIRE(world.log.size() == 1);
  CHECK_THAT(world.log[0], ContainsSubstring("the response cache can't be written"));
  CHECK(store.find("a") == "1");
  store.keep("b", std::string(1'000'000, 'x'));
  CHECK(store.find("b"));
}

TEST_CASE("several programs and threads at once lose nothing", "[cache]") {
  StoreWorld world;
  std::vector<std::future<void>> running;
  for (int program = 0; program < 4; ++program)
    running.push_back(std::async(std::launch::async, [&world, program] {
      cache::AnswerStore store = world.store();
      std::vector<std::future<void>> threads;
      for (int thread = 0; thread < 2; ++thread)
        threads.push_back(std::async(std::launch::async, [&store, program, thread] {
          for (int i = 0; i < 25; ++i) {
            const std::string name = std::to_string(((program * 2) + thread) * 25 + i);
            store.keep(name, "answer " + name);
            store.find(name);
          }
        }));
    }));
  running.clear();  // waits
  cache::AnswerStore store = world.store();
  for (int i = 0; i < 200; ++i) {
    INFO(i);
    CHECK(store.find(std::to_string(i)) == "answer " + std::to_string(i));
  }
  CHECK(world.log == std::vector<std::string>());
}
