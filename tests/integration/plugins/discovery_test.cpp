// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

/// An environment variable for the time of a test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_.empty() ? ::unsetenv(name_) : ::setenv(name_, before_.c_str(), 1); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
};

void copy_plugin(const std::string& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  fs::copy_file(from, to);
}

}  // namespace

TEST_CASE("folders are searched in a fixed order", "[plugins]") {
  const Environment variable("TACHIKOMA_PLUGIN_PATH", "/from/variable:/also");
  const Environment data("XDG_DATA_HOME", "/data");
  PluginRegistry registry({"/given"}, nullptr);
  CHECK(registry.search_path() == std::vector<std::string>{"/given", "/from/variable", "/also",
                                                           "/data/tachikoma/plugins/abi0", built_plugins()});
  registry.add_paths({"/first", "/given"}).value();
  CHECK(registry.search_path().front() == "/first");
  CHECK(registry.search_path().size() == 6);
}

TEST_CASE("the user's data folder stands in when XDG_DATA_HOME is not set", "[plugins]") {
  const Environment data("XDG_DATA_HOME", "relative");
  const Environment home("HOME", "/home/somebody");
  CHECK(PluginRegistry({}, nullptr).search_path().front() ==
        "/home/somebody/.local/share/tachikoma/plugins/abi0");
}

TEST_CASE("an entry that is not absolute is left out, and said", "[plugins]") {
  const Environment variable("TACHIKOMA_PLUGIN_PATH", "plugins::/good");
  LogLines log;
  PluginRegistry registry({"./here"}, log.callback());
  CHECK(registry.search_path().front() == "/good");
  CHECK(
      log.lines() ==
      std::vector<std::string>{
          "warning tachikoma: plugin path: './here' is not an absolute folder and is not searched; write the "
          "whole path",
          "warning tachikoma: TACHIKOMA_PLUGIN_PATH: 'plugins' is not an absolute folder and is not "
          "searched; "
          "write the whole path",
          "warning tachikoma: TACHIKOMA_PLUGIN_PATH: '' is not an absolute folder and is not searched; write "
          "the whole path"});
  CHECK(registry.add_paths({"relative"}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a scan reports good files and bad ones, and loads none", "[plugins]") {
  const TempDir dir;
  copy_plugin(built_plugins() + "/echo.so", dir.path() / "echo.so");
  copy_plugin(bad_plugin("other_abi"), dir.path() / "b.so");
  dir.write("readme.txt", "not looked at");
  dir.write("text.so", "no library");
  PluginRegistry registry({dir.path().string()}, nullptr);
  std::string text;
  for (const PluginReport& report : registry.scan()) {
    if (!report.file.starts_with(dir.path().string())) continue;
    text += report.name + " " + (report.refused ? report.refused->message : "ok") + "\n";
    CHECK_FALSE(report.loaded);
  }
  CHECK(text ==
        "other_abi plugin 'other_abi' refused: built for plugin ABI 2, this host speaks 0\n"
        "echo ok\n"
        "text plugin 'text' refused: the file is not a shared library (it has no ELF header)\n");
}

TEST_CASE("a report says what the note says", "[plugins]") {
  PluginRegistry registry({built_plugins()}, nullptr);
  const PluginReport report = registry.find("echo").value();
  CHECK(report.name == "echo");
  CHECK(report.file == built_plugins() + "/echo.so");
  CHECK(report.provides == std::vector<std::string>{"provider:echo", "tool:echo", "monitor:echo"});
  CHECK(report.description == "Answers with what it is told: a sample for plugin authors, a fake for tests");
  CHECK(report.config_schema["monitor:echo"]["required"].elements().front() == Value("file"));
  CHECK_FALSE(report.built_with.empty());
  CHECK_FALSE(report.refused);
  registry.load("echo").value();
  CHECK(registry.find(report.file).value().loaded);
}

TEST_CASE("of two plugins with one name the earlier is used, and that is said once", "[plugins]") {
  const TempDir dir;
  copy_plugin(built_plugins() + "/echo.so", dir.path() / "one/echo.so");
  copy_plugin(built_plugins() + "/echo.so", dir.path() / "two/echo.so");
  LogLines log;
  PluginRegistry registry({(dir.path() / "one").string(), (dir.path() / "two").string()}, log.callback());
  const auto reports = registry.scan();
  registry.scan();
  const std::string one = (dir.path() / "one/echo.so").string();
  CHECK(registry.find("echo").value().file == one);
  REQUIRE(reports.size() >= 2);
  CHECK(reports[1].shadowed_by == one);
  const auto lines = log.lines();
  const std::string expected = "warning tachikoma: plugin 'echo' was found twice: '" + one + "' is used, '" +
                               (dir.path() / "two/echo.so").string() + "' is not";
  CHECK(std::count(lines.begin(), lines.end(), expected) == 1);
}

TEST_CASE("a name that nobody has is answered with near ones and the folders searched", "[plugins]") {
  const Environment data("XDG_DATA_HOME", "/nowhere");
  PluginRegistry registry({}, nullptr);
  const auto say = [](const Error& error) { return describe_portably(error); };
  check_golden("plugins/unknown_name.txt", say(registry.find("ehco").error()) +
                                               say(registry.load("zzz").error()) +
                                               say(registry.make_provider("ecko", {}, "mine").error()) +
                                               say(registry.find_component("tool", "zzz").error()));
}

TEST_CASE("only allowed plugins are loaded", "[plugins]") {
  PluginRegistry registry({}, nullptr);
  registry.allow({"lmstudio", "openai"});
  check_golden("plugins/not_allowed.txt", describe_portably(registry.load("echo").error()));
  CHECK(registry.find("echo").value().refused);
  CHECK_FALSE(registry.make_tool("echo", {}, "mine"));
  registry.allow({});
  CHECK(registry.load("echo"));
}

TEST_CASE("a component that another plugin has already is refused with the whole plugin", "[plugins]") {
  PluginRegistry registry({}, nullptr);
  registry.load("echo").value();
  check_golden("plugins/rival.txt", describe_portably(registry.load(bad_plugin("rival")).error()));
  CHECK_FALSE(registry.make_provider("rival", {}, "mine"));
  CHECK(registry.make_provider("echo", {}, "mine"));
}

TEST_CASE("loading again does nothing, and another file of that name is refused", "[plugins]") {
  const TempDir dir;
  copy_plugin(built_plugins() + "/echo.so", dir.path() / "echo.so");
  PluginRegistry registry({}, nullptr);
  CHECK(registry.load("echo"));
  CHECK(registry.load("echo"));
  CHECK(registry.load(built_plugins() + "/echo.so"));
  CHECK_THAT(registry.load((dir.path() / "echo.so").string()).error().message,
             ContainsSubstring("a plugin of that name is loaded already, from '"));
}

TEST_CASE("a component that only a refused plugin provides fails with the refusal", "[plugins]") {
  PluginRegistry registry({fs::path(bad_plugin("other_abi")).parent_path().string()}, nullptr);
  CHECK(registry.make_provider("other-abi", {}, "mine").error().message ==
        "plugin 'other_abi' refused: built for plugin ABI 2, this host speaks 0");
}

TEST_CASE("the folders are searched once, and again for what is not there or has changed", "[plugins]") {
  const TempDir dir;
  const Environment data("XDG_DATA_HOME", "/nowhere");
  const std::string echo = (dir.path() / "echo.so").string(), earlier = (dir.path() / "a.so").string();
  copy_plugin(built_plugins() + "/echo.so", echo);
  LogLines log;
  PluginRegistry registry({dir.path().string()}, log.callback());
  REQUIRE(registry.find_component("provider", "echo").value().file == echo);
  const auto said_before = log.lines().size();  // that it is among the built ones too

  copy_plugin(built_plugins() + "/echo.so", earlier);
  CHECK(registry.find_component("provider", "echo").value().file == echo);
  CHECK(registry.find("echo").value().file == echo);
  CHECK(log.lines().size() == said_before);  // nobody looked at the new file

  CHECK_FALSE(registry.find_component("provider", "nobody"));
  CHECK(registry.find_component("provider", "echo").value().file == earlier);

  fs::remove(earlier);
  CHECK(registry.find_component("provider", "echo").value().file == echo);
  dir.write("echo.so", "no library any more");
  CHECK(registry.find("echo").value().refused);
  fs::remove(echo);
  CHECK(registry.find_component("provider", "echo").value().file == built_plugins() + "/echo.so");
  CHECK(registry.make_tool("echo", {}, "mine"));
}

TEST_CASE("a plugin is found however its note is written", "[plugins]") {
  const std::string about = "Answers with what it is told: a sample for plugin authors, a fake for tests";
  std::string misleading = R"(none\",\"provides\":[\"tool:other\"], \\)";
  misleading.resize(about.size(), '.');
  const std::string head = R"({"name":"echo","version":"0.1.0",)";
  const std::string turned = R"({"version":"0.1.0","name":"echo",)",
                    other = R"({"name":"ECHO" ,"version":"0.1" ,)";
  const Environment data("XDG_DATA_HOME", "/nowhere");
  for (const auto& [from, to] :
       {std::pair{about, misleading}, std::pair{head, turned}, std::pair{head, other}}) {
    INFO(to);
    REQUIRE(from.size() == to.size());
    std::string bytes = read_file(built_plugins() + "/echo.so");
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    const TempDir dir;
    const std::string file = dir.write("a.so", bytes.replace(at, from.size(), to));
    PluginRegistry registry({dir.path().string()}, nullptr);
    const Result<PluginReport> found = registry.find_component("provider", "echo");
    REQUIRE(found);
    CHECK_FALSE(found->refused);
    CHECK(found->file == file);
    CHECK_FALSE(registry.find_component("tool", "other"));
    CHECK(registry.find(found->name).value().file == file);
    CHECK(registry.make_tool("echo", {}, "mine"));
  }
}

TEST_CASE("what is allowed may change after the folders were searched", "[plugins]") {
  PluginRegistry registry({}, nullptr);
  CHECK_FALSE(registry.find_component("provider", "echo").value().refused);
  registry.allow({"lmstudio"});
  CHECK(registry.find_component("provider", "echo").value().refused);
  CHECK_FALSE(registry.make_tool("echo", {}, "mine"));
  registry.allow({});
  CHECK(registry.find_component("provider", "echo").value().config_schema.is_object());
  CHECK(registry.make_tool("echo", {}, "mine"));
}

TEST_CASE("a file in a folder that is searched is judged as a file that is named", "[plugins]") {
  const TempDir dir, elsewhere;
  const std::string echo = built_plugins() + "/echo.so";
  copy_plugin(echo, elsewhere.path() / "real.so");
  copy_plugin(echo, dir.path() / "open.so");
  fs::permissions(dir.path() / "open.so", fs::perms::others_write, fs::perm_options::add);
  fs::create_symlink(elsewhere.path() / "real.so", dir.path() / "link.so");
  fs::create_symlink("/no/such/file.so", dir.path() / "dangling.so");
  fs::create_directory(dir.path() / "folder.so");
  dir.write("text.so", "no library");
  copy_plugin(echo, dir.path() / "whole.so");
  const auto judge = [&] {
    PluginRegistry registry({dir.path().string()}, nullptr);
    int files = 0;
    for (const PluginReport& report : registry.scan()) {
      const fs::path parent = fs::path(report.file).parent_path();
      if (parent != dir.path() && parent != elsewhere.path() && parent != "/no/such") continue;
      const std::string given = parent == elsewhere.path() ? (dir.path() / "link.so").string() : report.file;
      INFO(given);
      const Result<PluginReport> named = registry.find(given);
      if (!named) continue;
      CHECK(named->file == report.file);
      CHECK((named->refused ? named->refused->message : "") ==
            (report.refused ? report.refused->message : ""));
      CHECK((named->refused ? named->refused->hint : "") == (report.refused ? report.refused->hint : ""));
      CHECK(named->config_schema == report.config_schema);
      ++files;
    }
    return files;
  };
  CHECK(judge() == 6);
  fs::permissions(dir.path(), fs::perms::others_write,
                  fs::perm_options::add);  // now nothing in it is trusted
  CHECK(judge() == 6);
}
