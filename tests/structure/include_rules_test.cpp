// SPDX-License-Identifier: MIT
// Who may include whom: docs/architecture.md says it in words, the table here enforces it.
#include <filesystem>
#include <optional>
#include <regex>
#include <set>

#include "structure/source_files.hpp"
#include "support/catch.hpp"

using namespace tachikoma::testing;

namespace {

namespace fs = std::filesystem;

struct Area {
  std::string folder;             ///< with a slash at its end; the first one that fits a path owns it
  std::set<std::string> may_see;  ///< other areas, by folder; its own is always allowed
  std::set<std::string> third_party;
};

const std::string kPlugin = "framework/include/tachikoma/plugin/";
const std::string kApplication = "framework/include/tachikoma/";
const std::string kBase = "framework/base/";
const std::string kHost = "framework/src/";
const std::string kHostConfig = "framework/src/config/";
const std::string kHostPlugins = "framework/src/plugins/";
const std::string kHostSchema = "framework/src/schema/";
const std::string kKit = "plugins/common/";
const std::string kSimulator = "tools/lmstudio-sim/";

// The first rooms of the simulator.
std::set<std::string> simulator_rooms(std::size_t count) {
  static const std::vector<std::string> rooms = {"http/", "world/", "model/", "openai/", "sdk/"};
  std::set<std::string> folders;
  for (std::size_t i = 0; i < count; ++i) folders.insert(kSimulator + rooms[i]);
  return folders;
}

std::vector<Area> areas() {
  const std::set<std::string> host = {kPlugin,     kApplication, kBase,      kHost,
                                      kHostConfig, kHostPlugins, kHostSchema};
  std::vector<Area> list = {
      {kPlugin, {}, {}},
      {kApplication, {kPlugin}, {}},
      {kBase, {kPlugin}, {"simdjson"}},
      {kHostConfig, host, {"yaml-cpp"}},
      {kHostPlugins, host, {"boost"}},
      {kHostSchema, host, {"re2"}},
      {kHost, host, {}},
      {kKit, {kPlugin, kBase}, {"Poco", "simdjson"}},
      // it judges the others, so it shares nothing with them; a room sees itself and the rooms before it
      {kSimulator + "http/", {}, {"Poco"}},
      {kSimulator + "world/", simulator_rooms(1), {"yaml-cpp"}},
      {kSimulator + "model/", simulator_rooms(2), {}},
      {kSimulator + "openai/", simulator_rooms(3), {"Poco"}},
      {kSimulator + "sdk/", simulator_rooms(4), {"Poco"}},
      {kSimulator, simulator_rooms(5), {"CLI"}},
      {"tools/", {kPlugin, kApplication}, {"CLI"}},
      {"examples/", {kPlugin, kApplication}, {}},
  };
  for (const auto& entry : fs::directory_iterator(TACHIKOMA_SOURCE_DIR "/plugins"))
    if (entry.is_directory() && entry.path().filename() != "common")
      list.push_back({"plugins/" + entry.path().filename().string() + "/", {kPlugin, kBase, kKit}, {}});
  return list;
}

const Area* area_of(const std::vector<Area>& list, const std::string& path) {
  for (const Area& area : list)
    if (path.rfind(area.folder, 0) == 0) return &area;
  return nullptr;
}

// The file that a quoted include names, below the repository: beside the includer, then on the include paths.
std::optional<std::string> resolve(const std::string& includer, const std::string& name) {
  const fs::path root = TACHIKOMA_SOURCE_DIR;
  std::vector<fs::path> folders = {
      (root / includer).parent_path(), root / "framework/include", root / "framework",
      root / "framework/src",          root / "plugins",           root / "tools",
      root / "tools/lmstudio-sim"};
  for (const fs::path& folder : folders)
    if (fs::exists(folder / name)) return fs::relative(fs::canonical(folder / name), root);
  return std::nullopt;
}

// "Poco" of <Poco/URI.h>; empty for the standard library and the system.
std::string library_of(const std::string& name) {
  static const std::set<std::string> system = {"sys", "arpa", "net", "netinet", "linux", "asm"};
  if (name == "simdjson.h") return "simdjson";
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos || system.count(name.substr(0, slash))) return "";
  return name.substr(0, slash);
}

// What is wrong with one include, or nothing.
std::string objection(const std::vector<Area>& list, const Area& from, const std::string& path, bool quoted,
                      const std::string& name) {
  static const std::set<std::string> generated = {"tachikoma/version.hpp", "config/config_schema_text.hpp"};
  if (generated.count(name)) return "";
  if (quoted || name.rfind("tachikoma/", 0) == 0) {
    const std::optional<std::string> file = resolve(path, name);
    if (!file) return "there is no such file";
    const Area* to = area_of(list, *file);
    if (!to) return *file + " belongs to no area";
    const bool allowed = to->folder == from.folder || from.may_see.count(to->folder);
    return allowed ? "" : from.folder + " may not see " + to->folder;
  }
  if (const std::string library = library_of(name); !library.empty())
    return from.third_party.count(library) ? "" : from.folder + " may not use " + library;
  const bool public_header = from.folder == kPlugin || from.folder == kApplication;
  return public_header && name.find('.') != std::string::npos
             ? "public headers use the standard library alone"
             : "";
}

}  // namespace

TEST_CASE("every include keeps to the rule of who may see whom", "[structure]") {
  const std::vector<Area> list = areas();
  const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::string offences;
  for (const SourceFile& file : source_files()) {
    const Area* from = area_of(list, file.path);
    if (!from) {  // tests may see everything, and nothing depends on them
      if (file.path.rfind("tests/", 0) != 0) offences += file.path + ": belongs to no area\n";
      continue;
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include)) continue;
      const std::string what = objection(list, *from, file.path, match[1] == "\"", match[2]);
      if (!what.empty())
        offences += file.path + ":" + std::to_string(i + 1) + ": " + match[2].str() + ": " + what + "\n";
    }
  }
  CHECK(offences == "");
}
