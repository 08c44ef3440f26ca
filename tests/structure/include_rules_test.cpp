// SPDX-License-Identifier: MIT
// Who may include whom: docs/architecture.md says it in words, the tables here enforce it.
#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "structure/source_files.hpp"
#include "support/catch.hpp"

using namespace tachikoma::testing;

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

struct Area {
  std::string folder;  ///< with a slash at its end, or one file; the first one that fits a path owns it
  Names may_see;       ///< other areas, by folder; its own is always allowed
  Names third_party;
};

/// A folder whose rooms stand in a row: each sees itself and those before it.
struct House {
  struct Room {
    std::string name;
    Names third_party = {};
  };
  std::string folder;
  Names may_see;  ///< outside, from every room
  std::vector<Room> rooms;
};

const std::string kUmbrella = "framework/include/tachikoma/plugin/plugin.hpp";
const std::string kSdk = "framework/include/tachikoma/plugin/sdk/";
const std::string kPlugin = "framework/include/tachikoma/plugin/";
const std::string kApplication = "framework/include/tachikoma/";
const std::string kProviderKit = "framework/include/tachikoma/provider_kit/";
const std::string kTesting = "framework/include/tachikoma/testing/";
const std::string kBase = "framework/base/";

const Names kPluginHeaders = {kPlugin, kSdk, kUmbrella};
const Names kPublicHeaders = {kPlugin, kSdk, kUmbrella, kApplication};

Names operator+(Names all, const Names& more) {
  all.insert(more.begin(), more.end());
  return all;
}

House host() {
  return {"framework/src/",
          kPublicHeaders + Names{kBase},
          {{"schema", {"re2"}},
           {"config", {"yaml-cpp"}},
           {"plugins", {"boost"}},
           {"async"},
           {"calls"},
           {"tools"},
           {"models"},
           {"monitors"},
           {"cache"},
           {"generate"},
           {"sessions"},
           {"queue"},
           {"diagnose"},
           {"api"},
           {"conformance"}}};
}

House kit() {
  return {"plugins/common/",
          kPluginHeaders + Names{kBase, kProviderKit},
          {{"net"},
           {"errors"},
           {"http"},
           {"chat", {"simdjson"}},
           {"launch"},
           {"provider"},
           {"monitor"},
           {"poco", {"Poco"}}}};
}

House simulator() {
  return {"tools/lmstudio-sim/",
          {},  // it judges the product, and shares nothing with it
          {{"http", {"Poco"}}, {"world", {"yaml-cpp"}}, {"model"}, {"openai", {"Poco"}}, {"sdk", {"Poco"}}}};
}

std::string room_folder(const House& house, const House::Room& room) {
  return house.folder + room.name + "/";
}

Names rooms_of(const House& house) {
  Names all;
  for (const House::Room& room : house.rooms) all.insert(room_folder(house, room));
  return all;
}

std::vector<Area> areas() {
  std::vector<Area> list = {
      {kUmbrella, {kPlugin, kSdk}, {}},
      {kSdk, {kPlugin}, {}},
      {kPlugin, {}, {}},
      {kProviderKit, kPluginHeaders, {}},
      {kTesting, kPublicHeaders, {"catch2"}},
      {kApplication, kPluginHeaders, {}},
      {"framework/testing/", kPublicHeaders + Names{kTesting}, {}},
      {kBase, {kPlugin}, {"simdjson", "sqlite3"}},
  };
  for (const House& house : {host(), kit(), simulator()}) {
    Names may_see = house.may_see;
    for (const House::Room& room : house.rooms) {
      list.push_back({room_folder(house, room), may_see, room.third_party});
      may_see.insert(room_folder(house, room));
    }
  }
  list.push_back({simulator().folder,  // its program, in front of the rooms
                  simulator().may_see + rooms_of(simulator()),
                  {"CLI"}});
  list.push_back({"tools/tachikoma/", kPublicHeaders + Names{kBase}, {"CLI", "histedit", "sanitizer"}});
  list.push_back({"tools/keeper/", {}, {}});
  list.push_back({"examples/", kPublicHeaders + Names{kBase}, {}});
  const Names for_plugins = kPluginHeaders + Names{kBase} + rooms_of(kit());
  list.push_back({"plugins/prometheus/", for_plugins, {"prometheus", "Poco"}});
  for (const auto& entry : fs::directory_iterator(TACHIKOMA_SOURCE_DIR "/plugins"))
    if (entry.is_directory() && entry.path().filename() != "common")
      list.push_back({"plugins/" + entry.path().filename().string() + "/", for_plugins,
                      entry.path().filename() == "sqlite_log" ? Names{"re2"} : Names{}});
  return list;
}

// "Poco" of <Poco/URI.h>; empty for the standard library and the system.
std::string library_of(const std::string& name) {
  static const Names system = {"sys", "arpa", "net", "netinet", "linux", "asm"};
  for (const char* library : {"simdjson", "sqlite3", "histedit"})
    if (name == std::string(library) + ".h") return library;
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos || system.count(name.substr(0, slash))) return "";
  return name.substr(0, slash);
}

/// The rules, for a repository that has these files.
class IncludeRules {
 public:
  explicit IncludeRules(Names files) : files_(std::move(files)) {}

  /// "path:line: include: what is wrong with it", a line for each that is wrong.
  std::string offences(const SourceFile& file) const {
    static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    const Area* from = area_of(file.path);
    if (!from)  // tests may see everything, and nothing depends on them
      return file.path.rfind("tests/", 0) == 0 ? "" : file.path + ": belongs to no area\n";
    std::string all;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include)) continue;
      const std::string what = objection(*from, file.path, match[1] == "\"", match[2]);
      if (!what.empty())
        all += file.path + ":" + std::to_string(i + 1) + ": " + match[2].str() + ": " + what + "\n";
    }
    return all;
  }

 private:
  const Area* area_of(const std::string& path) const {
    for (const Area& area : areas_)
      if (path.rfind(area.folder, 0) == 0) return &area;
    return nullptr;
  }

  // The file that an include names: beside the includer or above it, else on the include paths.
  std::optional<std::string> resolve(const std::string& includer, const std::string& name) const {
    std::vector<fs::path> folders;
    for (fs::path above = fs::path(includer).parent_path(); !above.empty(); above = above.parent_path())
      folders.push_back(above);
    folders.insert(folders.end(), {"framework/include", "framework", "framework/src", "plugins", "tools"});
    for (const fs::path& folder : folders)
      if (const std::string file = (folder / name).lexically_normal(); files_.count(file)) return file;
    return std::nullopt;
  }

  std::string objection(const Area& from, const std::string& path, bool quoted,
                        const std::string& name) const {
    static const Names generated = {"tachikoma/version.hpp",         "config/config_schema_text.hpp",
                                    "config/model_library_text.hpp", "log_page_text.hpp",
                                    "queue/script_texts.hpp",        "completion_scripts.hpp",
                                    "plugin_template_texts.hpp"};
    if (generated.count(name)) return "";
    if (quoted || name.rfind("tachikoma/", 0) == 0) {
      const std::optional<std::string> file = resolve(path, name);
      if (!file) return "there is no such file";
      const Area* to = area_of(*file);
      if (!to) return *file + " belongs to no area";
      const bool allowed = to->folder == from.folder || from.may_see.count(to->folder);
      return allowed ? "" : from.folder + " may not see " + to->folder;
    }
    if (const std::string library = library_of(name); !library.empty())
      return from.third_party.count(library) ? "" : from.folder + " may not use " + library;
    const bool public_header = from.folder.rfind("framework/include/", 0) == 0;
    return public_header && name.find('.') != std::string::npos
               ? "public headers use the standard library alone"
               : "";
  }

  const Names files_;
  const std::vector<Area> areas_ = areas();
};

// What is said of `from` when it includes `to`; neither is on the disk.
std::string planted(const std::string& from, const std::string& to) {
  return IncludeRules({from, to}).offences({from, {"#include \"" + to.substr(to.find('/') + 1) + "\""}});
}

std::string planted_library(const std::string& from, const std::string& header) {
  return IncludeRules({from}).offences({from, {"#include <" + header + ">"}});
}

}  // namespace

TEST_CASE("every include keeps to the rule of who may see whom", "[structure]") {
  Names files;
  for (const SourceFile& file : source_files()) files.insert(file.path);
  const IncludeRules rules(std::move(files));
  std::string offences;
  for (const SourceFile& file : source_files()) offences += rules.offences(file);
  CHECK(offences == "");
}

TEST_CASE("of two neighbouring rooms the right one sees the left one, and never the other way round",
          "[structure]") {
  for (const House& house : {host(), kit(), simulator()})
    for (std::size_t i = 1; i < house.rooms.size(); ++i) {
      const std::string left = room_folder(house, house.rooms[i - 1]);
      const std::string right = room_folder(house, house.rooms[i]);
      INFO(left << " and " << right);
      CHECK(planted(right + "a.cpp", left + "b.hpp") == "");
      CHECK_THAT(planted(left + "a.cpp", right + "b.hpp"), ContainsSubstring(left + " may not see " + right));
    }
}

TEST_CASE("a room sees what is at the far left, and nothing of what is at the far right", "[structure]") {
  for (const House& house : {host(), kit(), simulator()}) {
    const std::string first = room_folder(house, house.rooms.front());
    const std::string last = room_folder(house, house.rooms.back());
    INFO(house.folder);
    CHECK(planted(last + "a.cpp", first + "b.hpp") == "");
    CHECK(planted(first + "a.cpp", last + "b.hpp") != "");
  }
}

TEST_CASE("no file lies between the rooms of the host and of the kit", "[structure]") {
  CHECK_THAT(planted("framework/src/a.cpp", "framework/src/async/b.hpp"),
             ContainsSubstring("belongs to no area"));
  CHECK_THAT(planted("plugins/common/a.cpp", "plugins/common/net/b.hpp"),
             ContainsSubstring("belongs to no area"));
  CHECK(planted("tools/lmstudio-sim/main.cpp", "tools/lmstudio-sim/sdk/b.hpp") == "");
}

TEST_CASE("what crosses the boundary does not see what plugins are written with", "[structure]") {
  CHECK(planted(kPlugin + "a.hpp", kSdk + "b.hpp") != "");
  CHECK(planted(kPlugin + "a.hpp", kUmbrella) != "");
  CHECK(planted(kSdk + "a.hpp", kPlugin + "b.hpp") == "");
  CHECK(planted(kUmbrella, kSdk + "b.hpp") == "");
}

TEST_CASE("plugins, the host, the tools and the simulator see only what is theirs", "[structure]") {
  CHECK(planted("plugins/echo/a.cpp", "plugins/common/provider/b.hpp") == "");
  CHECK(planted("plugins/echo/a.cpp", "plugins/lmstudio/b.hpp") != "");
  CHECK(planted("plugins/echo/a.cpp", "framework/src/async/b.hpp") != "");
  CHECK(planted("framework/src/api/a.cpp", "plugins/common/net/b.hpp") != "");
  CHECK(planted("tools/tachikoma/a.cpp", "framework/base/b.hpp") == "");
  CHECK(planted("examples/a.cpp", "framework/base/b.hpp") == "");
  CHECK(planted("tools/lmstudio-sim/main.cpp", "framework/base/b.hpp") != "");
  CHECK(planted("tools/lmstudio-sim/world/a.cpp", "framework/base/b.hpp") != "");
}

TEST_CASE("a third-party library is used where it is listed, and nowhere else", "[structure]") {
  CHECK(planted_library("framework/src/config/a.cpp", "yaml-cpp/yaml.h") == "");
  CHECK(planted_library("framework/src/api/a.cpp", "yaml-cpp/yaml.h") != "");
  CHECK(planted_library("plugins/common/chat/a.cpp", "simdjson.h") == "");
  CHECK(planted_library("framework/src/cache/a.cpp", "sqlite3.h") != "");
  CHECK(planted_library("framework/src/generate/a.cpp", "sqlite3.h") != "");
  CHECK(planted_library("plugins/common/launch/a.cpp", "Poco/URI.h") != "");
  CHECK(planted_library("plugins/lmstudio/a.cpp", "Poco/URI.h") != "");
  CHECK(planted_library("framework/base/a.cpp", "sqlite3.h") == "");
  CHECK(planted_library("plugins/sqlite_log/a.cpp", "sqlite3.h") != "");
  CHECK(planted_library("plugins/sqlite_log/a.cpp", "re2/re2.h") == "");
  CHECK(planted_library("plugins/echo/a.cpp", "re2/re2.h") != "");
  CHECK(planted_library(kApplication + "a.hpp", "sys/socket.h") != "");
}
