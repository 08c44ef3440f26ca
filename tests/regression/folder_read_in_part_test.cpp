// SPDX-License-Identifier: MIT
// The search of a models folder ended silently at the first thing that it could not look at, and the models
// behind it were not there.
#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

#include "llamacpp/folder_scan.hpp"
#include "llamacpp/model_folder.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace fs = std::filesystem;

namespace {

// "sub/locked: Permission denied"
std::vector<std::string> unread_below(const GgufFolder& world, const llamacpp::ScanLimits& limits = {}) {
  std::vector<std::string> all;
  for (const auto& each : llamacpp::scan_folder(world.folder, limits).unread)
    all.push_back(each.path.lexically_relative(world.folder).string().substr(0, 40) + ": " + each.why);
  std::sort(all.begin(), all.end());
  return all;
}

using ToldLines = std::vector<std::string>;

}  // namespace

TEST_CASE("the search goes on past links that lead nowhere or in a circle, and tells of each once",
          "[regression][llamacpp][scan]") {
  GgufFolder world;
  fs::create_directory_symlink("nowhere", world.folder / "a-gone");
  fs::create_directory_symlink("b-loop", world.folder / "b-loop");
  fs::create_directory_symlink("a-gone/deeper", world.folder / "c-through");
  world.add_model("sub/m.gguf");
  world.add_model("z.gguf");
  CHECK(unread_below(world) == ToldLines{"a-gone: No such file or directory",
                                         "b-loop: Too many levels of symbolic links",
                                         "c-through: No such file or directory"});
  const llamacpp::ModelFolder models(world.folder);
  CHECK(models.find("sub/m"));
  CHECK(models.find("z"));
  const Error absent = models.find("absent").error();
  CHECK(absent.code == ErrorCode::model_not_found);
  CHECK_THAT(absent.message,
             ContainsSubstring("there is no model 'absent' in '" + world.folder.string() + "'; '") &&
                 ContainsSubstring("b-loop' can't be searched: Too many levels"));
  CHECK(models.list().size() == 2);
  const ModelInfo told = models.to_info(models.contents().unread.front());
  CHECK(told.state == ModelState::failed);
  CHECK(told.key.ends_with("/"));
  const Error named = models.find(told.key).error();
  CHECK(named.code == ErrorCode::invalid_argument);
  CHECK(named.message == told.extra["error"].as_string());
}

TEST_CASE("a folder that may not be read is told, and its neighbours are searched",
          "[regression][llamacpp][scan]") {
  if (::geteuid() == 0) {
    WARN("SKIPPED: root may read everything");
    return;
  }
  GgufFolder world;
  world.add_model("a/m.gguf");
  world.add_model("b/m.gguf");
  world.add_model("c/m.gguf");
  fs::permissions(world.folder / "b", fs::perms::none);
  CHECK(unread_below(world) == ToldLines{"b: Permission denied"});
  CHECK(llamacpp::ModelFolder(world.folder).list().size() == 2);
  fs::permissions(world.folder / "b", fs::perms::owner_all);
}

TEST_CASE("a path that is too long for the system is told", "[regression][llamacpp][scan]") {
  GgufFolder world;
  world.add_model("z.gguf");
  const std::string name(250, 'd');
  int at = ::open(world.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(::mkdirat(at, name.c_str(), 0700) == 0);
    const int next = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(at);
    at = next;
  }
  ::close(at);
  const ToldLines told = unread_below(world);
  REQUIRE(told.size() == 1);
  CHECK(told.front().ends_with(": File name too long"));
  CHECK(llamacpp::ModelFolder(world.folder).find("z"));
}

TEST_CASE("depth and number of names are bounded, with a word about it", "[regression][llamacpp][scan]") {
  GgufFolder world;
  world.add_model("a/b/c/d/deep.gguf");
  world.add_model("shallow.gguf");
  CHECK(unread_below(world).empty());
  CHECK(unread_below(world, {.depth = 2}) == ToldLines{"a/b/c: it is more than 2 folders deep"});
  const auto scan = llamacpp::scan_folder(world.folder, {.entries = 3});
  REQUIRE(scan.unread.size() == 1);
  CHECK(scan.unread.front().why == "the search ends here, after 3 names");
}

TEST_CASE("a models folder that is not there is told where a model is asked for",
          "[regression][llamacpp][scan]") {
  const TempDir outer;
  const fs::path nowhere = outer.path() / "nowhere";
  CHECK(llamacpp::ModelFolder(nowhere).find("m").error().message ==
        "there is no model 'm' in '" + nowhere.string() + "'; '" + nowhere.string() +
            "' can't be searched: No such file or directory");
}

TEST_CASE("a file of a disk's own is not told", "[regression][llamacpp][scan]") {
  GgufFolder world;
  fs::create_directory(world.folder / "lost+found");
  if (::geteuid() != 0) fs::permissions(world.folder / "lost+found", fs::perms::none);
  CHECK(unread_below(world).empty());
  fs::permissions(world.folder / "lost+found", fs::perms::owner_all);
}
