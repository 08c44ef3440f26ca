// SPDX-License-Identifier: MIT
#include <regex>
#include <set>

#include "structure/source_files.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

namespace {

bool starts_with_any(const std::string& path, std::initializer_list<const char*> folders) {
  for (const char* folder : folders)
    if (path.rfind(folder, 0) == 0) return true;
  return false;
}

// "path:line" of every line that matches, in files below the folders
std::string places_of(const std::regex& pattern, std::initializer_list<const char*> folders) {
  std::string places;
  for (const SourceFile& file : source_files()) {
    if (!starts_with_any(file.path, folders)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      if (std::regex_search(file.lines[i], pattern))
        places += file.path + ":" + std::to_string(i + 1) + ": " + file.lines[i] + "\n";
  }
  return places;
}

}  // namespace

TEST_CASE("every source says its license in its first line", "[structure]") {
  std::string missing;
  for (const SourceFile& file : source_files())
    if (file.lines.empty() || file.lines.front() != "// SPDX-License-Identifier: MIT")
      missing += file.path + "\n";
  CHECK(missing == "");
}

TEST_CASE("no source is longer than 400 lines", "[structure]") {
  std::string long_ones;
  for (const SourceFile& file : source_files())
    if (file.lines.size() > 400) long_ones += file.path + "\n";
  CHECK(long_ones == "");
}

TEST_CASE("libraries and plugins write nothing to stdout", "[structure]") {
  CHECK(places_of(std::regex(R"(\bcout\b|\bprintf\b|\bputs\b|\bputchar\b|\bstdout\b)"),
                  {"framework/", "plugins/"}) == "");
}

TEST_CASE("no library installs a signal handler", "[structure]") {
  CHECK(places_of(std::regex(R"(\bsigaction\b|\bstd::signal\b|::signal\()"), {"framework/", "plugins/"}) ==
        "");
}

TEST_CASE("every mutex says what it guards", "[structure]") {
  CHECK(places_of(std::regex(R"(^\s*(mutable )?std::(recursive_|shared_)?mutex \w+;\s*$)"),
                  {"framework/", "plugins/", "tools/tachikoma/"}) == "");
}

TEST_CASE("nothing third-party is reachable from the application header", "[structure]") {
  TempDir folder;
  const std::string source = folder.write("only.cpp", "#include <tachikoma/tachikoma.hpp>\nint main() {}\n");
  const Finished finished =
      run({.argv = {TACHIKOMA_CXX, "-std=c++20", "-M", "-I" TACHIKOMA_SOURCE_DIR "/framework/include",
                    "-I" TACHIKOMA_BINARY_DIR "/include", source}});
  REQUIRE(finished.exit_code == 0);
  CHECK_FALSE(
      std::regex_search(finished.out, std::regex("/(Poco|boost|yaml-cpp|CLI|curl|openssl)/|simdjson")));
}

TEST_CASE("every member of a public struct has an initialiser, so that one may be given in part",
          "[structure]") {
  // a struct that is a class in all but name, or whose bytes are a format
  static const std::set<std::string> exempt{"Error", "Note", "NoteHeader", "PluginEntry"};
  const std::regex begins(R"(^( *)struct (\w+)( final)? \{)");
  const std::regex member(
      R"(^ +(?!using |static |friend |constexpr |enum |return |typedef |virtual |explicit )[A-Za-z_][\w:<>, *]*[>\w*] (\w+);)");
  std::string missing;
  for (const SourceFile& file : source_files()) {
    if (file.path.rfind("framework/include/", 0) != 0 || file.path.find("/sdk/") != std::string::npos)
      continue;
    std::string name, indentation;
    for (const std::string& line : file.lines) {
      std::smatch found;
      if (std::regex_search(line, found, begins)) {
        indentation = found[1];
        name = exempt.count(found[2]) ? "" : found[2].str();
      } else if (line.rfind(indentation + "}", 0) == 0) {
        name.clear();
      } else if (!name.empty() && line.find_first_not_of(' ') == indentation.size() + 2 &&
                 std::regex_search(line, found, member)) {
        missing += file.path + ": " + name + "::" + found[1].str() + "\n";
      }
    }
  }
  CHECK(missing == "");
}
