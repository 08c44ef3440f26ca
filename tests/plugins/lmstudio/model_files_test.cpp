// SPDX-License-Identifier: MIT
#include "lmstudio/model_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

/// This process's home folder, for one test.
class Home {
 public:
  Home() : before_(std::getenv("HOME") ? std::getenv("HOME") : "") { ::setenv("HOME", path().c_str(), 1); }
  ~Home() { ::setenv("HOME", before_.c_str(), 1); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const fs::path& path() const { return folder_.path(); }
  void write(std::string_view name, std::string_view content) const { folder_.write(name, content); }
  void add_model(const std::string& name, std::uint32_t layers, const char* type = "model") const {
    GgufWriter file;
    file.add("general.architecture", "llama");
    file.add("general.type", type);
    file.add("llama.block_count", layers);
    write(".lmstudio/models/" + name, file.head());
  }

 private:
  TempDir folder_;
  std::string before_;
};

std::string why_unknown(std::string_view path) {
  const auto layers = lmstudio::layer_count(path);
  CHECK_FALSE(layers);
  CHECK(layers.value == 0);
  return layers.basis;
}

}  // namespace

TEST_CASE("LM Studio's folder is where its pointer says, else the old one, else the new one",
          "[model_files]") {
  const Home home;
  CHECK(lmstudio::home_folder() == home.path() / ".lmstudio");
  fs::create_directories(home.path() / ".cache/lm-studio");
  CHECK(lmstudio::home_folder() == home.path() / ".cache/lm-studio");
  home.write(".lmstudio-home-pointer", "/data/lm studio\n");
  CHECK(lmstudio::home_folder() == "/data/lm studio");
  CHECK(lmstudio::models_folder() == "/data/lm studio/models");
}

TEST_CASE("models are where LM Studio's settings say", "[model_files]") {
  const Home home;
  CHECK(lmstudio::models_folder() == home.path() / ".lmstudio/models");
  home.write(".lmstudio/settings.json", R"({"downloadsFolder":"/big/models"})");
  CHECK(lmstudio::models_folder() == "/big/models");
  for (const char* broken : {"{", R"({"downloadsFolder":7})", R"({"downloadsFolder":"relative"})", ""}) {
    home.write(".lmstudio/settings.json", broken);
    CHECK(lmstudio::models_folder() == home.path() / ".lmstudio/models");
  }
}

TEST_CASE("a model's layers are read from its file, its folder or any of its shards", "[model_files]") {
  const Home home;
  home.add_model("org/repo/model-Q4_K_M.gguf", 32);
  home.add_model("org/repo/mmproj-model-f16.gguf", 24, "mmproj");
  home.add_model("org/big/big-00001-of-00002.gguf", 80);
  home.add_model("org/big/big-00002-of-00002.gguf", 1);
  const auto layers = lmstudio::layer_count("org/repo/model-Q4_K_M.gguf");
  CHECK(layers.value == 32);
  CHECK(layers.source == Source::reported);
  CHECK(layers.basis == "the model's GGUF file");
  CHECK(lmstudio::layer_count("org/repo").value == 32);
  CHECK(lmstudio::layer_count("org/big").value == 80);
  CHECK(lmstudio::layer_count("org/big/big-00002-of-00002.gguf").value == 80);
}

TEST_CASE("where the layers can't be known, the reason is", "[model_files]") {
  const Home home;
  home.add_model("org/two/a.gguf", 1);
  home.add_model("org/two/b.gguf", 2);
  home.add_model("org/eyes/mmproj.gguf", 24, "mmproj");
  home.write(".lmstudio/models/org/mlx/model.safetensors", "x");
  home.write(".lmstudio/models/org/old.gguf", "tjgg" + std::string(60, '\0'));
  const std::string models = (home.path() / ".lmstudio/models").string();
  CHECK(why_unknown("") == "LM Studio names no file of the model");
  CHECK(why_unknown("openai/gpt-oss-20b") ==
        "'openai/gpt-oss-20b' is not in the models folder '" + models + "'");
  CHECK(why_unknown("org/two") ==
        "the folder 'org/two' holds 2 models, and LM Studio does not say which it is");
  CHECK(why_unknown("org/mlx") == "the folder 'org/mlx' holds no GGUF file");
  CHECK(why_unknown("org/eyes/mmproj.gguf") ==
        "'org/eyes/mmproj.gguf' is only the part of a model that sees images");
  CHECK_THAT(why_unknown("org/old.gguf"), ContainsSubstring("the file is in the format GGJT"));
  CHECK_THAT(why_unknown("org/mlx/model.safetensors"), ContainsSubstring("the file is cut short"));
}

TEST_CASE("no name leads out of the models folder", "[model_files]") {
  const Home home;
  home.add_model("../outside.gguf", 7);
  for (const std::string& path : {std::string("../outside.gguf"), std::string("org/../../outside.gguf"),
                                  (home.path() / ".lmstudio/outside.gguf").string()})
    CHECK_THAT(why_unknown(path), ContainsSubstring("is not a path below LM Studio's models folder"));
}

TEST_CASE("without a home folder there is no models folder", "[model_files]") {
  const Home home;
  ::setenv("HOME", "", 1);
  CHECK(lmstudio::home_folder().empty());
  CHECK(lmstudio::models_folder().empty());
  CHECK(why_unknown("a.gguf") == "$HOME is not set, so LM Studio's models folder is not known");
}
