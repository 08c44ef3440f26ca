// SPDX-License-Identifier: MIT
#include "config/host_schema.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "config/schema_check.hpp"
#include "config/yaml_document.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/config.hpp"

using namespace tachikoma;
using namespace tachikoma::config;

namespace {

struct Read {
  Checked checked;
  bool fits = false;
};

Read read(const config::Node& root, const Value& schema) {
  Problems problems("test.yaml");
  Read out{check_schema(root, schema, "/folder", problems)};
  out.fits = problems.empty();
  return out;
}

// Whether both schemas accept it, having compared what they read.
bool fits(const std::string& text) {
  INFO(text);
  Problems problems("test.yaml");
  const std::optional<config::Node> root = parse_document(text, problems);
  REQUIRE(root);
  Read whole = read(*root, host_schema()), lean = read(*root, host_schema_for(*root));
  CHECK(lean.fits == whole.fits);
  if (!whole.fits || !lean.fits) return false;
  CHECK(lean.checked.shown == whole.checked.shown);
  CHECK(lean.checked.take_typed() == whole.checked.take_typed());
  REQUIRE(lean.checked.origins.size() == whole.checked.origins.size());
  for (std::size_t i = 0; i < whole.checked.origins.size(); ++i) {
    CHECK(lean.checked.origins[i].pointer == whole.checked.origins[i].pointer);
    CHECK(lean.checked.origins[i].place == whole.checked.origins[i].place);
  }
  return true;
}

// Every key of an object schema, with a value for it.
std::vector<std::string> settings(const Value& schema) {
  std::vector<std::string> all;
  for (const auto& [key, given] : schema["properties"].members()) {
    if (given["x-not-yet"].as_bool()) continue;
    const Value& same = schema["properties"][given["x-same-as"].as_string()];
    const Value& property = given.find("x-same-as") ? same : given;
    const Value& type = property["type"].is_array() ? property["type"].elements().front() : property["type"];
    const std::string_view format = property["format"].as_string();
    const std::string value = property["enum"].is_array() ? base::to_json(property["enum"].elements().front())
                              : format == "duration"      ? "5s"
                              : format == "size"          ? "5MiB"
                              : format == "uri"           ? "http://here"
                              : type.as_string() == "string"  ? "text"
                              : type.as_string() == "boolean" ? "true"
                              : type.as_string() == "array"   ? "[]"
                              : type.as_string() == "object"  ? "{}"
                                                              : "1";
    all.push_back(key + ": " + value);
  }
  return all;
}

}  // namespace

TEST_CASE("the schema for a file says the same of it as the whole one", "[config]") {
  int right = 0;
  for (const char* part : {"load", "inference", "record", "replay"})
    for (const std::string& setting : settings(host_schema_part(part))) {
      right += fits("defaults: {" + std::string(part) + ": {" + setting + "}}");
      right += fits("providers: {a: {}, b: {" + std::string(part) + ": {" + setting + "}}}");
      right += fits("models: {a: {" + setting + "}, b: {key: x, " + part + ": {" + setting + "}}}");
      fits("models: {a: {" + setting + ", " + part + ": {" + setting + "}}}");  // given twice
      fits("defaults: {" + setting + "}");                                      // in a wrong place
    }
  CHECK(right >= 120);
  const Value& sections = host_schema()["properties"];
  for (const auto& [section, schema] : sections.members()) {
    for (const std::string& setting : settings(schema)) fits(section + ": {" + setting + "}");
    for (const std::string& setting : settings(schema["additionalProperties"]))
      fits(section + ": {x: {" + setting + "}}");
    for (const char* wrong : {"1", "[]", "text", "", "{x: 1}", "{x: []}", "{nothing: {nobody: knows}}"})
      fits(section + ": " + wrong);
  }
  for (const char* policy :
       {"retry: {attempts: 5}", "limits: {concurrency: 1}", "answer: {text: 1MiB}", "answer: {txt: 1}"})
    fits("policy: {" + std::string(policy) + "}");
  for (const char* odd :
       {"{}", "models: {a: {load: 1, context_length: 5}}", "models: {a: {n_gpu_layers: 5, gpu_layers: 5}}",
        "models: {a: {ttl: 5s}, b: {load: {ttl: 5s}}}", "defaults: {inference: {extra: {a: {b: 1}}}}",
        "tools: {x: {plugin: y}}", "monitors: {}", "verbose: true", "cache: {}", "unknown: 1"})
    fits(odd);
  for (const auto& entry : std::filesystem::directory_iterator(TACHIKOMA_SOURCE_DIR "/config"))
    if (entry.path().extension() == ".yaml") fits(tachikoma::testing::read_file(entry.path()));
}

TEST_CASE("the schema for a file is a small part of the whole one", "[config]") {
  Problems problems("test.yaml");
  const auto root =
      parse_document("providers: {lmstudio: {}}\nmodels: {a: {key: b, temperature: 0.5}}", problems);
  CHECK(base::to_json(host_schema_for(*root)).size() < base::to_json(host_schema()).size() / 4);
}

TEST_CASE("the host's own keys are known whether a file has them or not", "[config]") {
  for (const char* key :
       {"plugin", "timeouts", "endpoints", "eject_for", "limits", "load", "inference", "record", "replay"})
    CHECK(is_host_key("providers", key));
  CHECK_FALSE(is_host_key("providers", "base_url"));
  CHECK(is_host_key("tools", "plugin"));
  CHECK(is_host_key("monitors", "plugin"));
  CHECK_FALSE(is_host_key("tools", "load"));
}
