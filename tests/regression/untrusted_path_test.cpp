// SPDX-License-Identifier: MIT
// Of the folders above a plugin only the mode was looked at: another user, or a group, could own one and put
// another file in its place. Any group of one's own counted as private, however many are in it. The file was
// checked by its path and mapped by its path, and the keeper beside the plugins was not checked at all.
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <unistd.h>

#include <sys/xattr.h>

#include "base/private_group.hpp"
#include "base/trusted_file.hpp"
#include "integration/cli/shell.hpp"
#include "integration/plugins/plugin_support.hpp"
#include "plugins/module.hpp"
#include "plugins/plugin_file.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/version.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kNobody = 65534;

/// A plugin two folders deep in a folder of its own.
struct Installed {
  TempDir dir;
  std::string file = dir.write("a/b/copy.so", read_file(built_plugins() + "/echo.so"));

  std::string path(const std::string& name) const { return (dir.path() / name).string(); }
  /// What its refusal says, or "" if it is accepted.
  std::string refusal(const std::string& given = {}) const {
    const Status loaded = PluginRegistry({}, nullptr).load(given.empty() ? file : given);
    return loaded ? "" : replace_all(loaded.error().message, dir.path().string(), "<tmp>");
  }
};

bool is_root(const char* what) {
  if (::geteuid() == 0) return true;
  WARN("SKIPPED: " << what << " needs root");
  return false;
}

/// An access list that lets user 65534 write, as setfacl makes it.
bool let_nobody_write(const std::string& path) {
  const auto entry = [](unsigned tag, unsigned permissions, unsigned id) {
    std::string bytes;
    for (const unsigned number : {tag | permissions << 16, id})
      for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 255);
    return bytes;
  };
  constexpr unsigned kNone = 0xFFFFFFFF;
  const std::string list = std::string("\2\0\0\0", 4) + entry(1, 7, kNone) + entry(2, 7, kNobody) +
                           entry(4, 5, kNone) + entry(16, 7, kNone) + entry(32, 5, kNone);
  return ::setxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
}

}  // namespace

TEST_CASE("a folder above a plugin that belongs to another user is refused", "[plugins][trust]") {
  if (!is_root("a folder of another user")) return;
  const Installed plugin;
  REQUIRE(::chown(plugin.path("a").c_str(), kNobody, 0) == 0);
  CHECK(plugin.refusal() == "plugin 'copy' refused: '<tmp>/a', a folder above it, belongs to user " +
                                base::user_name(kNobody) + ", neither to root nor to you");
  fs::permissions(plugin.path("a"), fs::perms::all | fs::perms::sticky_bit);  // does not keep its owner out
  CHECK_THAT(plugin.refusal(), ContainsSubstring("'<tmp>/a', a folder above it, belongs to user "));
}

TEST_CASE("what a group with others in it can write is refused, wherever it is", "[plugins][trust]") {
  if (!is_root("a file of another group")) return;
  const Installed plugin;
  const std::string name = GENERATE("a/b/copy.so", "a/b", "a");
  INFO(name);
  REQUIRE(::chown(plugin.path(name).c_str(), 0, kNobody) == 0);
  CHECK(plugin.refusal().empty());
  fs::permissions(plugin.path(name), fs::perms::group_write, fs::perm_options::add);
  CHECK_THAT(plugin.refusal(), ContainsSubstring("'<tmp>/" + name + "'") &&
                                   ContainsSubstring(" is writable by group " + base::group_name(kNobody) +
                                                     ", which is not yours alone"));
  fs::permissions(plugin.path("a"), fs::perms::sticky_bit, fs::perm_options::add);
  CHECK(plugin.refusal().empty() == (name == "a"));  // the sticky bit excuses a folder above, nothing else
}

TEST_CASE("a private group is the one of one's own name or number, without others in it", "[trust]") {
  CHECK_FALSE(base::is_private_group(100));  // "users"
  if (::geteuid() != kNobody) CHECK_FALSE(base::is_private_group(kNobody));
  const passwd* self = ::getpwuid(::geteuid());
  if (self && self->pw_gid != self->pw_uid && base::group_name(self->pw_gid) != base::user_name(self->pw_uid))
    CHECK_FALSE(base::is_private_group(self->pw_gid));
}

TEST_CASE("an access list that lets another user write is refused", "[plugins][trust]") {
  const Installed plugin;
  const std::string name = GENERATE("a/b", "a");
  if (!let_nobody_write(plugin.path(name))) {
    WARN("SKIPPED: this file system has no access lists");
    return;
  }
  CHECK_THAT(plugin.refusal(), ContainsSubstring("'<tmp>/" + name + "'") &&
                                   ContainsSubstring(" is writable by those whom its access list names"));
}

TEST_CASE("a link is judged with the folder that it is in", "[plugins][trust]") {
  const Installed plugin;
  fs::create_directory(plugin.path("links"));
  fs::create_symlink("../a/b/copy.so", plugin.path("links/copy.so"));
  CHECK(plugin.refusal(plugin.path("links/copy.so")).empty());
  fs::permissions(plugin.path("links"), fs::perms::all);
  CHECK(plugin.refusal(plugin.path("links/copy.so")) ==
        "plugin 'copy' refused: '<tmp>/links', a folder above it, is writable by everyone");
  fs::permissions(plugin.path("links"), fs::perms::all | fs::perms::sticky_bit);
  CHECK(plugin.refusal(plugin.path("links/copy.so")).empty());
  if (!is_root("a link of another user")) return;
  REQUIRE(::lchown(plugin.path("links/copy.so").c_str(), kNobody, kNobody) == 0);
  CHECK_THAT(plugin.refusal(plugin.path("links/copy.so")),
             ContainsSubstring("'<tmp>/links/copy.so', a link to it, belongs to user "));
}

TEST_CASE("links that lead in a circle are an error", "[trust]") {
  const TempDir dir;
  fs::create_symlink("two", dir.path() / "one");
  fs::create_symlink("one", dir.path() / "two");
  CHECK_THAT(base::open_trusted((dir.path() / "one").string()).error().message,
             ContainsSubstring("can't be opened (Too many levels of symbolic links)"));
}

TEST_CASE("the file that was checked is the one that is mapped, whatever lies at its path by then",
          "[plugins][trust]") {
  const Installed plugin;
  plugins::ExaminedPlugin examined = plugins::examine_file(plugin.file);
  REQUIRE_FALSE(examined.report.refused);
  const std::string other = plugin.dir.write("a/b/other.so", read_file(bad_plugin("no_entry")));
  fs::rename(other, plugin.file);
  auto module = plugins::open_module("echo", plugin.file, std::move(examined.file));
  REQUIRE(module);
  CHECK((*module)->entry().register_components);
  // and of two files that had the same number when they were open, each is mapped as itself
  plugins::ExaminedPlugin second = plugins::examine_file(plugin.file);
  CHECK_FALSE(plugins::open_module("no_entry", plugin.file, std::move(second.file)));
}

TEST_CASE("a plugin finds a library beside it by $ORIGIN, if that may be trusted too", "[plugins][trust]") {
  const TempDir dir;
  const fs::path built = fs::path(bad_plugin("bundled")).parent_path();
  const std::string plugin = dir.write("bundled.so", read_file(built / "bundled.so"));
  const std::string part = dir.write("libbundled_part.so", read_file(built / "libbundled_part.so"));
  fs::permissions(part, fs::perms::others_write, fs::perm_options::add);
  CHECK(PluginRegistry({}, nullptr).load(plugin).error().message ==
        "plugin 'bundled' refused: of a library beside it: '" + part + "' is writable by everyone");
  fs::permissions(part, fs::perms::others_write, fs::perm_options::remove);
  PluginRegistry registry({}, nullptr);
  CHECK(registry.load(plugin));
  CHECK(registry.make_provider("bundled", {}, "mine").error().message == "the part beside it says 42");
}

TEST_CASE("the program that keeps launched servers is checked like a plugin", "[cli][trust]") {
  const Shell shell(
      "providers:\n  p: {plugin: openai, base_url: 'http://127.0.0.1:9', launch: {command: [sleep, "
      "'60']}}\n");
  shell.folder().write("mine/openai.so", read_file(built_plugins() + "/openai.so"));
  const std::string keeper =
      shell.folder().write("mine/tachikoma-keeper", read_file(built_plugins() + "/tachikoma-keeper"));
  fs::permissions(keeper, fs::perms::all);
  const Finished asked = shell.tachikoma({"ask", "--plugin-path", "mine", "-m", "p::any", "Hi"});
  CHECK(asked.exit_code == 10);
  CHECK_THAT(asked.err,
             ContainsSubstring("'" + keeper + "' is writable by everyone; it keeps launched servers"));
}

TEST_CASE("the library for https is checked like a plugin, and plain http does without it", "[cli][trust]") {
  LoopbackServer server([](Peer& peer, int number) {  // the first is the one that speaks plain HTTP
    if (number == 0) peer.read_request();
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Length: 23\r\nConnection: close\r\n\r\n{\"data\":[{\"id\":\"any\"}]}");
  });
  const std::string authority = server.url().substr(std::string("http://").size());
  const Shell plain("providers:\n  p: {plugin: openai, base_url: 'http://" + authority + "'}\n");
  const Shell secure("providers:\n  p: {plugin: openai, base_url: 'https://" + authority + "'}\n");
  const std::string library = std::string("libtachikoma-poco.so.") + kVersion;
  const auto models = [&](const Shell& shell) {
    shell.folder().write("mine/openai.so", read_file(built_plugins() + "/openai.so"));
    return shell.tachikoma({"models", "--plugin-path", "mine"});
  };

  CHECK(models(plain).exit_code == 0);
  const Finished missing = models(secure);
  CHECK(missing.exit_code == 10);
  CHECK_THAT(missing.err, ContainsSubstring(library) && ContainsSubstring("https, WebSockets and redirects"));

  const std::string copy =
      secure.folder().write("mine/" + library, read_file(built_plugins() + "/" + library));
  CHECK_THAT(models(secure).err, ContainsSubstring("TLS failed"));

  fs::permissions(copy, fs::perms::all);
  const Finished writable = models(secure);
  CHECK(writable.exit_code == 10);
  CHECK_THAT(writable.err, ContainsSubstring("'" + copy + "' is writable by everyone"));
}
