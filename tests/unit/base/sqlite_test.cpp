// SPDX-License-Identifier: MIT
#include "base/sqlite.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using base::Database;

namespace {

struct Opened {
  TempDir folder;
  std::string file = (folder.path() / "a.db").string();
  Database database = open();

  Database open(Database::Access access = Database::Access::write) const {
    return Database::open(file, access, 1ms).value();
  }
};

}  // namespace

TEST_CASE("a database gives back what was put in: numbers, texts with zero bytes, JSON, nothing",
          "[sqlite]") {
  Opened opened;
  opened.database.run("CREATE TABLE t (a, b, c, d, e, f)").value();
  base::Statement insert = opened.database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)").value();
  const std::string text("a\0b", 3);
  insert.bind({INT64_MIN, 0.1, text, Value(), true, Value::object({{"k", Value::array({1})}})}).value();
  insert.run().value();
  base::Statement select = opened.database.prepare("SELECT * FROM t").value();
  REQUIRE(select.step().value());
  CHECK(select.column(0) == Value(INT64_MIN));
  CHECK(select.column(1) == Value(0.1));
  CHECK(select.column(2) == Value(text));
  CHECK(select.column(3).is_null());
  CHECK(select.column(4) == Value(1));
  CHECK(select.column(5) == Value(R"({"k":[1]})"));
  CHECK_FALSE(select.step().value());
  CHECK(opened.database.value_of("SELECT a FROM t WHERE 0").value().is_null());
}

TEST_CASE("a new database is for its user alone, and one to be read is not made and not changed",
          "[sqlite]") {
  Opened opened;
  struct stat status = {};
  REQUIRE(::stat(opened.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  opened.database.run("CREATE TABLE t (a)").value();
  Database reader = opened.open(Database::Access::read);
  CHECK(reader.value_of("SELECT count(*) FROM t").value() == Value(0));
  CHECK(!reader.run("DELETE FROM t"));
  CHECK(!Database::open(opened.file + "-none", Database::Access::read, 1ms));
}

TEST_CASE("a transaction that fails leaves everything as it was", "[sqlite]") {
  Opened opened;
  opened.database.run("CREATE TABLE t (a)").value();
  const Status failed = opened.database.transaction([&]() -> Status {
    opened.database.run("INSERT INTO t VALUES (1)").value();
    return Error(ErrorCode::internal, "no");
  });
  CHECK(failed.error().message == "no");
  CHECK(opened.database.value_of("SELECT count(*) FROM t").value() == Value(0));
  CHECK(opened.database.transaction([&] { return opened.database.run("INSERT INTO t VALUES (1)"); }));
  CHECK(opened.database.value_of("SELECT count(*) FROM t").value() == Value(1));
}

TEST_CASE("an error says whether it may pass, or the file is damaged", "[sqlite]") {
  Opened opened;
  opened.database.run("BEGIN IMMEDIATE").value();
  const Status busy = opened.open().run("BEGIN IMMEDIATE");
  CHECK(busy.error().message == "'" + opened.file + "': database is locked");
  CHECK(base::is_passing(busy.error()));
  CHECK_FALSE(base::is_damage(busy.error()));
  const std::string other = opened.folder.write("b.db", "this is no database");
  const Status damage =
      Database::open(other, Database::Access::write, 1ms).value().run("PRAGMA user_version");
  CHECK(base::is_damage(damage.error()));
  CHECK_FALSE(base::is_passing(damage.error()));
  CHECK_FALSE(base::is_damage(opened.database.prepare("SELECT nonsense").error()));
}

TEST_CASE("a database whose file was moved knows, and leaves alone what is at its path now", "[sqlite]") {
  Opened opened;
  opened.database.run("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").value();
  std::optional<Database> old(opened.open());
  old->run("INSERT INTO t VALUES (1)").value();
  opened.database =
      Database::open((opened.folder.path() / "other.db").string(), Database::Access::write, 1ms).value();
  CHECK(old->is_at(opened.file));
  std::filesystem::rename(opened.file, opened.file + ".moved");
  for (const char* companion : {"-wal", "-shm"})
    std::filesystem::rename(opened.file + companion, opened.file + ".moved" + companion);
  CHECK_FALSE(old->is_at(opened.file));
  CHECK(old->is_at(opened.file + ".moved"));
  Database fresh = opened.open();
  fresh.run("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (2)").value();
  old.reset();
  CHECK(std::filesystem::exists(opened.file + "-wal"));
  CHECK(opened.open().value_of("SELECT a FROM t").value() == Value(2));
  CHECK(Database::open(opened.file + ".moved", Database::Access::read, 1ms)
            .value()
            .value_of("SELECT a FROM t")
            .value() == Value(1));
}

TEST_CASE("a statement keeps its database open", "[sqlite]") {
  Opened opened;
  std::optional<Database> database(opened.open());
  base::Statement statement = database->prepare("SELECT 7").value();
  database.reset();
  REQUIRE(statement.step().value());
  CHECK(statement.column(0) == Value(7));
}
