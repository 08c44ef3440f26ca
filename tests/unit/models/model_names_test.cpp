// SPDX-License-Identifier: MIT
#include "models/model_names.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

namespace {

ListedModel listed(std::string key, std::string quantization = {}, std::vector<std::string> instances = {}) {
  ListedModel listed{
      .provider = "p", .address = "p::" + key, .info = {.key = key, .quantization = quantization}};
  for (std::string& id : instances) listed.info.instances.push_back({std::move(id)});
  return listed;
}

using Names = std::vector<std::string>;

Names wire_names(const std::vector<NameMatch>& matches) {
  Names names;
  for (const NameMatch& match : matches) names.push_back(match.wire_name);
  return names;
}

ModelNames index_of(const std::vector<ListedModel>& models) {
  ModelNames names;
  for (const ListedModel& model : models) add_names(names, model);
  names.sort();
  return names;
}

Names names(std::string_view name, const std::vector<ListedModel>& models) {
  Names all = wire_names(match_name(name, models));
  CHECK(wire_names(match_name(name, index_of(models).find(name))) == all);
  return all;
}

}  // namespace

TEST_CASE("an instance id wins over a key, a key over its last segment", "[model names]") {
  const std::vector<ListedModel> models = {listed("a/b", "", {"c"}), listed("c"), listed("x/c")};
  CHECK(names("c", models) == Names{"c"});
  CHECK(match_name("c", models).front().model->info.key == "a/b");
  CHECK(names("x/c", models) == Names{"x/c"});
  CHECK(names("b", models) == Names{"c"});
}

TEST_CASE("a last segment finds its key in any case, and two keys are two candidates", "[model names]") {
  const std::vector<ListedModel> models = {listed("openai/gpt-oss-20b", "MXFP4"), listed("a/twin"),
                                           listed("b/twin")};
  CHECK(names("GPT-OSS-20B", models) == Names{"openai/gpt-oss-20b"});
  CHECK(names("twin", models) == Names{"a/twin", "b/twin"});
  CHECK(names("gpt-oss", models).empty());
}

TEST_CASE("a segment with its quantization finds the key, as the document writes it", "[model names]") {
  const std::vector<ListedModel> models = {listed("openai/gpt-oss-120b", "Q4_K_M")};
  CHECK(names("gpt-oss-120b-q4_k_m", models) == Names{"openai/gpt-oss-120b"});
  CHECK(names("gpt-oss-120b@Q4_K_M", models) == Names{"openai/gpt-oss-120b"});
  CHECK(names("gpt-oss-120b-q8_0", models).empty());
}

TEST_CASE("a key's variant may be left out", "[model names]") {
  CHECK(names("gemma", {listed("google/gemma@q4_k_m")}) == Names{"google/gemma@q4_k_m"});
}

TEST_CASE("a request for a loaded key reaches its instance, so that no second copy is loaded",
          "[model names]") {
  CHECK(names("a/b", {listed("a/b", "", {"mine"})}) == Names{"mine"});
  CHECK(names("a/b", {listed("a/b", "", {"a/b:2", "a/b"})}) == Names{"a/b"});
}

TEST_CASE("a path names the model with that file, by the list's path or else by the file's name",
          "[model names]") {
  std::vector<ListedModel> models = {listed("maker/one", "Q4_K_M"), listed("maker/two", "Q4_K_M")};
  models[1].info.path = "maker/two-GGUF/odd-name.gguf";
  const auto file = [&](std::string_view path) {
    Names wire;
    std::vector<NameMatch> matches = match_file(path, models);
    if (matches.empty()) matches = match_file_name(path, models);
    for (const NameMatch& match : matches) wire.push_back(match.wire_name);
    return wire;
  };
  CHECK(file("~/models/maker/two-GGUF/odd-name.gguf") == Names{"maker/two"});
  CHECK(file("maker/two-GGUF/odd-name.gguf") == Names{"maker/two"});
  CHECK(file("/other/one-q4_k_m.gguf") == Names{"maker/one"});
  CHECK(file("/other/one-Q4_K_M-00001-of-00002.gguf") == Names{"maker/one"});
  CHECK(file("/other/odd-name.gguf").empty());
  CHECK(file("/other/one").empty());
}

TEST_CASE("a list's index finds whatever a name may mean, and of many models few others", "[model names]") {
  std::vector<ListedModel> models;
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    models.push_back(listed("maker/line/model-" + number + (i % 2 ? "@q4_k_m" : ""), i % 3 ? "Q4_K_M" : "",
                            i % 5 ? Names() : Names{"loaded-" + number}));
    models.back().info.aliases = {"maker/old-" + number};
    models.back().info.variants = {"maker/line/model-" + number + "@q8_0"};
  }
  const ModelNames index = index_of(models);
  for (const int i : {0, 1, 2, 10, 15, 500, 995, 999}) {
    const std::string number = std::to_string(i);
    for (const std::string& name :
         {"maker/line/model-" + number, "maker/line/model-" + number + "@q4_k_m", "MODEL-" + number,
          "line/Model-" + number, "model-" + number + "-q4_k_m", "line/model-" + number + ".Q4_K_M",
          "model-" + number + "@q4_k_m", "loaded-" + number, "LOADED-" + number, "maker/old-" + number,
          "old-" + number, "maker/line/model-" + number + "@Q8_0", "model-" + number + "@q8_0",
          "odel-" + number, std::string("/"), std::string()}) {
      INFO(name);
      CHECK(wire_names(match_name(name, index.find(name))) == wire_names(match_name(name, models)));
      CHECK(index.find(name).size() <= 1);
    }
  }
}
