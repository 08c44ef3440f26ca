// SPDX-License-Identifier: MIT
// The JSON-Schema-Test-Suite. Where our verdict differs, tests/fixtures/schema/exceptions.txt says so and
// why; an exception that is none any more fails too. `format` is left out, as the drafts
// allow: it restricts nothing here.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "base/json.hpp"
#include "schema/json_schema.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using schema::JsonSchema;

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kDialects = {{"draft3", "http://json-schema.org/draft-03/schema#"},
                                                      {"draft4", "http://json-schema.org/draft-04/schema#"},
                                                      {"draft6", "http://json-schema.org/draft-06/schema#"},
                                                      {"draft7", "http://json-schema.org/draft-07/schema#"}};

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "draft7/ref.json | remote ref" of each line "draft7/ref.json | remote ref | reason"; "*" is a whole file.
std::set<std::string> exceptions() {
  std::set<std::string> out;
  std::istringstream lines(read(TACHIKOMA_SOURCE_DIR "/tests/fixtures/schema/exceptions.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t reason = line.rfind(" | ");
    REQUIRE(reason != line.find(" | "));
    REQUIRE(out.insert(line.substr(0, reason)).second);
  }
  return out;
}

// What our verdict on the group is where it is not the suite's; empty where all is as it should be.
std::string disagreement(const Value& group, const std::string& dialect) {
  Value schema = group["schema"];
  if (schema.is_object() && !schema.find("$schema")) schema.set("$schema", dialect);
  const Result<JsonSchema> compiled = JsonSchema::compile(schema);
  if (!compiled) return "refused: " + compiled.error().message;
  std::string out;
  for (const Value& test : group["tests"].elements()) {
    const Status verdict = compiled->validate(test["data"]);
    if (bool(verdict) == test["valid"].as_bool()) continue;
    out += std::string(test["description"].as_string()) + ": " +
           (verdict ? "found valid" : verdict.error().message) + "; ";
  }
  return out;
}

// The groups of a file, each with its disagreement.
std::map<std::string, std::string> judged(const fs::path& file, const std::string& dialect) {
  std::map<std::string, std::string> out;
  const Result<Value> content = base::parse_json(read(file));
  if (!content) return {{"*", content.error().message}};
  for (const Value& group : content->elements())
    out[std::string(group["description"].as_string())] += disagreement(group, dialect);
  return out;
}

std::string all_of(const std::map<std::string, std::string>& verdicts) {
  std::string out;
  for (const auto& [group, what] : verdicts) out += what;
  return out;
}

std::vector<fs::path> files_of(const std::string& draft) {
  std::vector<fs::path> files;
  for (const char* folder : {".", "optional"})
    for (const auto& entry : fs::directory_iterator(fs::path(TACHIKOMA_SCHEMA_SUITE) / draft / folder))
      if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("our verdicts are those of the JSON-Schema-Test-Suite, but for the listed exceptions", "[suite]") {
  std::set<std::string> excepted = exceptions();
  std::size_t groups = 0;
  std::string differences;
  for (const auto& [draft, dialect] : kDialects) {
    for (const fs::path& file : files_of(draft)) {
      const std::string name = fs::relative(file, TACHIKOMA_SCHEMA_SUITE).string() + " | ";
      std::map<std::string, std::string> verdicts = judged(file, dialect);
      groups += verdicts.size();
      if (excepted.contains(name + "*")) verdicts = {{"*", all_of(verdicts)}};
      for (const auto& [group, what] : verdicts)
        if (what.empty() == (excepted.erase(name + group) == 1))
          differences +=
              name + group + " | " + (what.empty() ? "agrees: no exception any more" : what) + "\n";
    }
  }
  CHECK(groups > 200);
  CHECK(differences == "");
  for (const std::string& unused : excepted) FAIL_CHECK("the suite has no '" << unused << "'");
}
