// SPDX-License-Identifier: MIT
// In a folder of models, a file beside shards of the same name could not be asked, linked folders and files
// with the suffix ".GGUF" were not there, and a later shard, named by its path, was loaded as it was.
#include "llamacpp/model_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace fs = std::filesystem;

namespace {

// A folder of model files, in a folder with others.
struct NamedFiles {
  TempDir outer;
  fs::path folder = outer.path() / "models";

  explicit NamedFiles(const std::vector<std::string>& names) {
    fs::create_directory(folder);
    for (const std::string& name : names) add(name);
  }

  void add(const std::string& name) const {
    GgufWriter writer;
    writer.add("general.architecture",
               fs::path(name).filename().string().starts_with("mmproj") ? "clip" : "llama");
    writer.add("general.name", name);
    writer.add_tensor("token_embd.weight", 1, 1, {});
    fs::create_directories((folder / name).parent_path());
    writer.write((folder / name).string());
  }
  void link(const std::string& name, const fs::path& target) const {
    fs::create_directory_symlink(target, folder / name);
  }
  // Each key with its file, relative to the folder; each can be found.
  std::vector<std::string> keys() const {
    const llamacpp::ModelFolder models(folder);
    std::vector<std::string> all;
    for (const ModelInfo& model : models.list()) {
      const auto found = models.find(model.key);
      REQUIRE(found);
      CHECK(found->path == model.path);
      CHECK(found->key == model.key);
      all.push_back(model.key + " " + fs::path(model.path).lexically_relative(folder).string());
    }
    return all;
  }
};

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("files that would have one key have one each", "[regression][llamacpp]") {
  const NamedFiles models({"m.gguf", "m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "m.GGUF",
                           "m-00001-of-00001.gguf", "alone-00001-of-00001.gguf", "sub/m.gguf"});
  CHECK(models.keys() == Keys{"alone alone-00001-of-00001.gguf", "m m.gguf",
                              "m-00001-of-00001 m-00001-of-00001.gguf",
                              "m-00001-of-00002 m-00001-of-00002.gguf", "m.GGUF m.GGUF", "sub/m sub/m.gguf"});
}

TEST_CASE("a suffix in capitals is one, also of shards and projectors", "[regression][llamacpp]") {
  const NamedFiles models(
      {"big.GGUF", "s-00001-of-00002.GGUF", "s-00002-of-00002.GGUF", "mmproj-x.GGUF", "odd.Gguf"});
  CHECK(models.keys() == Keys{"big big.GGUF", "odd odd.Gguf", "s s-00001-of-00002.GGUF"});
  const auto found = llamacpp::ModelFolder(models.folder).find("s");
  REQUIRE(found);
  CHECK(found->model.shards == 2);
  CHECK(found->projector.filename() == "mmproj-x.GGUF");
}

TEST_CASE("linked folders are searched where their links are, and each file is found once",
          "[regression][llamacpp]") {
  const NamedFiles models({"own/a.gguf", "../elsewhere/deep/b.gguf", "../c.gguf"});
  models.link("there", models.outer.path() / "elsewhere");
  models.link("again", "own");     // found without the link
  models.link("own/up", "..");     // a circle
  models.link("gone", "nowhere");  // leads to nothing
  fs::create_directory_symlink(models.outer.path() / "elsewhere",
                               models.outer.path() / "elsewhere/deep/round");
  fs::create_symlink(models.outer.path() / "c.gguf", models.folder / "linked.gguf");
  CHECK(models.keys() == Keys{"linked linked.gguf", "own/a own/a.gguf", "there/deep/b there/deep/b.gguf"});
  models.link("loop", models.folder);
  CHECK(models.keys().size() == 3);
}

TEST_CASE("the folder itself may be a link, and end with a slash", "[regression][llamacpp]") {
  const NamedFiles models({"a.gguf"});
  fs::create_directory_symlink(models.folder, models.outer.path() / "link");
  for (const char* name : {"link", "link/", "models/"}) {
    const auto list = llamacpp::ModelFolder(models.outer.path() / name).list();
    REQUIRE(list.size() == 1);
    CHECK(list[0].key == "a");
  }
}

TEST_CASE("any shard's path, and a file with any name, is a model's", "[regression][llamacpp]") {
  const NamedFiles models({"s-00001-of-00002.gguf", "s-00002-of-00002.gguf", "blob"});
  const llamacpp::ModelFolder nowhere{fs::path()};
  const auto shard = nowhere.find((models.folder / "s-00002-of-00002.gguf").string());
  REQUIRE(shard);
  CHECK(shard->path == models.folder / "s-00001-of-00002.gguf");
  const auto blob = nowhere.find((models.folder / "blob").string());
  REQUIRE(blob);
  CHECK(blob->path == models.folder / "blob");
  models.outer.write("text", "no model");
  CHECK(nowhere.find((models.outer.path() / "text").string()).error().code == ErrorCode::unsupported);
}
