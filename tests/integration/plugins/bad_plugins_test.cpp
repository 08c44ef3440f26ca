// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "base/private_group.hpp"
#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

/// Where a plugin leaves its mark when any of its code runs.
class Marker {
 public:
  Marker() : file_(dir_.path() / "ran") { ::setenv("TACHIKOMA_TEST_MARKER", file_.c_str(), 1); }
  ~Marker() { ::unsetenv("TACHIKOMA_TEST_MARKER"); }
  bool written() const { return fs::exists(file_); }

 private:
  TempDir dir_;
  fs::path file_;
};

Error load_error(const std::string& file) {
  PluginRegistry registry({}, nullptr);
  Status loaded = registry.load(file);
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

/// A changed copy of a good plugin, in a folder of its own.
struct Copy {
  TempDir dir;
  std::string file = dir.write("copy.so", read_file(built_plugins() + "/echo.so"));

  std::string describe_refusal() const {
    return replace_all(describe_portably(load_error(file)), dir.path().string(), "<tmp>");
  }
};

}  // namespace

TEST_CASE("a bad plugin is refused in words that say what to do, and none of its code runs", "[plugins]") {
  const std::string name = GENERATE("no_note", "other_abi", "other_layout", "old_string", "undefined_symbol");
  const Marker marker;
  check_golden("plugins/" + name + ".txt", describe_portably(load_error(bad_plugin(name))));
  CHECK_FALSE(marker.written());
}

TEST_CASE("a plugin that breaks its word while it registers is refused whole", "[plugins]") {
  const std::string name = GENERATE("duplicate_id", "no_entry", "provides_lies");
  check_golden("plugins/" + name + ".txt", describe_portably(load_error(bad_plugin(name))));
}

TEST_CASE("a plugin that throws in its factory fails the call that wanted the component", "[plugins]") {
  const Marker marker;
  PluginRegistry registry({}, nullptr);
  registry.load(bad_plugin("throws_in_factory")).value();
  CHECK(marker.written());  // the marker works: this plugin was loaded
  auto provider = registry.make_provider("throws-in-factory", {}, "mine");
  REQUIRE_FALSE(provider);
  check_golden("plugins/throws_in_factory.txt", describe_portably(provider.error()));
}

TEST_CASE("a plugin that throws an int in chat fails that call, and is counted", "[plugins]") {
  PluginRegistry registry({}, nullptr);
  registry.load(bad_plugin("throws_int")).value();
  auto provider = registry.make_provider("throws-int", {}, "mine").value();
  std::string text;
  for (int i = 0; i < 3; ++i)
    text += describe_portably(chat(*provider, {.model = "any", .messages = {}}).error());
  check_golden("plugins/throws_int.txt", text);
}

TEST_CASE("a file that is cut short is refused at every length, never mapped", "[plugins]") {
  const Copy copy;
  const std::uintmax_t size = fs::file_size(copy.file);
  std::string text;
  for (const std::uintmax_t length :
       {size - 1, size / 2, std::uintmax_t{4000}, std::uintmax_t{63}, std::uintmax_t{0}}) {
    fs::resize_file(copy.file, length);
    std::string refusal = copy.describe_refusal();
    CHECK_THAT(refusal, ContainsSubstring("plugin 'copy' refused: the file is "));
    if (length < 64) text += refusal;
  }
  check_golden("plugins/truncated.txt", text);
}

TEST_CASE("a file that misses its tail says where it should have ended", "[plugins]") {
  const Copy copy;
  fs::resize_file(copy.file, 9000);
  PluginRegistry registry({}, nullptr);
  CHECK_THAT(registry.load(copy.file).error().message,
             ContainsSubstring("the file is cut short (a program segment ends at byte "));
  CHECK_THAT(registry.load(copy.file).error().message, ContainsSubstring(", the file has 9000 bytes)"));
}

TEST_CASE("a file for another machine says for which", "[plugins]") {
  const Copy copy;
  std::fstream file(copy.file, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offsetof(Elf64_Ehdr, e_machine)).put(static_cast<char>(EM_AARCH64)).flush();
  check_golden("plugins/wrong_machine.txt", copy.describe_refusal());
}

TEST_CASE("what is no library at all is refused in plain words", "[plugins]") {
  const TempDir dir;
  const auto refusal = [&](const std::string& file) {
    return replace_all(describe_portably(load_error(file)), dir.path().string(), "<tmp>");
  };
  std::string text = refusal(dir.write("text.so", "#!/bin/sh\necho hello\n"));
  text += refusal(dir.write("empty.so", ""));
  fs::create_directory(dir.path() / "folder.so");
  text += refusal((dir.path() / "folder.so").string());
  text += refusal((dir.path() / "absent.so").string());
  fs::create_symlink("nowhere", dir.path() / "dangling.so");
  text += refusal((dir.path() / "dangling.so").string());
  check_golden("plugins/no_library.txt", text);
}

TEST_CASE("a plugin that others can change is refused", "[plugins]") {
  const Copy copy;
  std::string text;
  fs::permissions(copy.file, fs::perms::others_write, fs::perm_options::add);
  text += copy.describe_refusal();
  fs::permissions(copy.file, fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(copy.dir.path(), fs::perms::others_write, fs::perm_options::add);
  text += copy.describe_refusal();
  fs::permissions(copy.dir.path(), fs::perms::others_write | fs::perms::sticky_bit, fs::perm_options::add);
  text += copy.describe_refusal();  // sticky does not excuse the file's own folder
  check_golden("plugins/untrusted.txt", text);
}

TEST_CASE("a folder above counts only when strangers may replace what is in it", "[plugins]") {
  const TempDir dir;
  const std::string file = dir.write("a/b/copy.so", read_file(built_plugins() + "/echo.so"));
  PluginRegistry registry({}, nullptr);
  fs::permissions(dir.path() / "a", fs::perms::all);
  CHECK(replace_all(registry.load(file).error().message, dir.path().string(), "<tmp>") ==
        "plugin 'copy' refused: '<tmp>/a', a folder above it, is writable by everyone");
  fs::permissions(dir.path() / "a", fs::perms::all | fs::perms::sticky_bit);
  CHECK(registry.load(file));
}

TEST_CASE("a plugin that its own group may write is fine, as umask 002 makes it", "[plugins]") {
  if (!base::is_private_group(::getegid())) {
    WARN("SKIPPED: the group of this user has others in it");
    return;
  }
  const Copy copy;
  fs::permissions(copy.file, fs::perms::group_write, fs::perm_options::add);
  fs::permissions(copy.dir.path(), fs::perms::group_all, fs::perm_options::add);
  CHECK(PluginRegistry({}, nullptr).load(copy.file));
}
