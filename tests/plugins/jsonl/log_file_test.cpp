// SPDX-License-Identifier: MIT
#include "jsonl/log_file.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using jsonl::LogFile;

namespace {

namespace fs = std::filesystem;

LogFile open_log(const std::string& path, LogFile::Rotation rotation = {}) {
  return LogFile::open(path, rotation).value();
}

// No file of this process may become larger than that, as if its disk were full then.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit lower{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*const handler_)(int);
  rlimit before_ = {};
};

// How many lines of the file are `line`; -1 if another one is among them.
int count_lines(const std::string& file, const std::string& line) {
  std::string text = read_file(file);
  int count = 0;
  for (; !text.empty(); text.erase(0, line.size() + 1), ++count)
    if (text.rfind(line + "\n", 0) != 0) return -1;
  return count;
}

}  // namespace

TEST_CASE("lines are appended to what a file has already", "[jsonl]") {
  const TempDir dir;
  const std::string path = dir.write("log", "one\n");
  LogFile file = open_log(path);
  CHECK(file.append("two"));
  CHECK(read_file(path) == "one\ntwo\n");
}

TEST_CASE("a new file is its owner's alone", "[jsonl]") {
  const TempDir dir;
  const LogFile file = open_log((dir.path() / "log").string());
  CHECK(fs::status(dir.path() / "log").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a file is renamed before it becomes too large, and only so many are kept", "[jsonl]") {
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  LogFile file = open_log(path, {.at_bytes = 8, .keep = 2});
  for (const char* line : {"aaa", "bbb", "ccc", "ddd", "eee", "fff", "ggg"}) CHECK(file.append(line));
  CHECK(read_file(path) == "ggg\n");
  CHECK(read_file(path + ".1") == "eee\nfff\n");
  CHECK(read_file(path + ".2") == "ccc\nddd\n");
  CHECK_FALSE(fs::exists(path + ".3"));
}

TEST_CASE("a line that is too large for any file has one of its own", "[jsonl]") {
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  LogFile file = open_log(path, {.at_bytes = 4, .keep = 5});
  for (const char* line : {"much too long", "b", "also too long"}) CHECK(file.append(line));
  CHECK(read_file(path + ".2") == "much too long\n");
  CHECK(read_file(path + ".1") == "b\n");
  CHECK(read_file(path) == "also too long\n");
}

TEST_CASE("a file that another program renames is begun anew", "[jsonl]") {
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  LogFile file = open_log(path);
  CHECK(file.append("one"));
  fs::rename(path, path + ".old");
  CHECK(file.append("two"));
  CHECK(read_file(path) == "two\n");
  CHECK(read_file(path + ".old") == "one\n");
}

TEST_CASE("of a link the file that it leads to is renamed", "[jsonl]") {
  const TempDir dir;
  const std::string target = (dir.path() / "target").string(), link = (dir.path() / "link").string();
  fs::create_symlink(target, link);
  LogFile file = open_log(link, {.at_bytes = 4, .keep = 1});
  CHECK(file.append("one"));
  CHECK(file.append("two"));
  CHECK(fs::is_symlink(link));
  CHECK(read_file(link) == "two\n");
  CHECK(read_file(target + ".1") == "one\n");
}

TEST_CASE("many writers share a file: every line is whole, and none is lost", "[jsonl]") {
  constexpr int kWriters = 4, kLines = 500, kLinesInFile = 65;
  const std::string line(60, 'x');
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer)
    writers.emplace_back([&] {
      LogFile file = open_log(path, {.at_bytes = kLinesInFile * 61, .keep = 1000});
      for (int i = 0; i < kLines; ++i)
        if (!file.append(line)) throw std::runtime_error("an append failed");
    });
  for (std::thread& writer : writers) writer.join();
  int lines = 0;
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    const int found = count_lines(entry.path().string(), line);
    CHECK(found >= 0);
    CHECK(found <= kLinesInFile + 2 * kWriters);  // each may have looked at the size before the others wrote
    lines += found;
  }
  CHECK(lines == kWriters * kLines);
}

TEST_CASE("what can't be written is an error that names the file and the cause", "[jsonl]") {
  CHECK(LogFile::open("/nowhere/x", {}).error().message ==
        "can't write to '/nowhere/x' (No such file or directory)");
  CHECK(open_log("/dev/full").append("x").error().message ==
        "can't write to '/dev/full' (No space left on device)");
  const TempDir dir;
  const std::string pipe = (dir.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(LogFile::open(pipe, {}).error().message ==
        "can't write to '" + pipe + "' (No such device or address)");
}

TEST_CASE("the line after one that was written in part begins on a line of its own", "[jsonl]") {
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  LogFile file = open_log(path);
  {
    const FileSizeLimit limit(6);
    CHECK(file.append("one"));
    CHECK(file.append("two").error().message == "can't write a whole line to '" + path + "'");
    CHECK(file.append("three").error().message == "can't write to '" + path + "' (File too large)");
  }
  CHECK(file.append("four"));
  CHECK(read_file(path) == "one\ntw\nfour\n");
}

TEST_CASE("a file that can't be renamed grows, which is said", "[jsonl]") {
  const TempDir dir;
  const std::string path = (dir.path() / "log").string();
  fs::create_directories(path + ".1/not-empty");
  LogFile file = open_log(path, {.at_bytes = 4, .keep = 1});
  CHECK(file.append("one"));
  CHECK(file.append("two"));
  CHECK(file.rotation_failure() == "can't rename '" + path + "' (Is a directory)");
  fs::remove_all(path + ".1");
  CHECK(file.append("three"));
  CHECK(file.rotation_failure().empty());
  CHECK(read_file(path + ".1") == "one\ntwo\n");
}
