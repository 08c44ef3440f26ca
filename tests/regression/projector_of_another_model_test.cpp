// SPDX-License-Identifier: MIT
// Any file named "mmproj*" was given to every model of its folder, which llama-server then refused to load;
// one named "…-mmproj-F16", or in a folder above, was not found, and was listed as a model.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "llamacpp/model_folder.hpp"
#include "llamacpp/projectors.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace fs = std::filesystem;

namespace {

using Pairs = std::map<std::string, std::string>;

// Each model that can be used, with its projector; both ways to ask must agree.
Pairs pairs(const GgufFolder& world) {
  const llamacpp::ModelFolder models(world.folder);
  Pairs all;
  for (const ModelInfo& model : models.list()) {
    if (model.state == ModelState::failed) continue;
    const auto found = models.find(model.key);
    REQUIRE(found);
    const std::string projector =
        found->projector.empty() ? "" : found->projector.lexically_relative(world.folder).string();
    CHECK(model.vision == !projector.empty());
    CHECK(models.find(found->path.string())->projector == found->projector);
    all[model.key] = projector;
  }
  return all;
}

// The reason for which that file can't be used.
std::string unused_because(const GgufFolder& world, const std::string& key) {
  for (const ModelInfo& model : llamacpp::ModelFolder(world.folder).list())
    if (model.key == key && model.state == ModelState::failed)
      return std::string(model.extra["error"].as_string());
  return "";
}

}  // namespace

TEST_CASE("a projector that does not fit is given to no model", "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("plain.gguf", 64);
  world.add_model("other.gguf", 96);
  world.add_projector("mmproj-stray.gguf", 128);
  CHECK(pairs(world) == Pairs{{"other", ""}, {"plain", ""}});
  CHECK(unused_because(world, "mmproj-stray") ==
        "'" + world.path("mmproj-stray.gguf") +
            "': the file is only the part of a model that sees images or hears sounds, for models with an "
            "embedding length of 128, and no model beside or below it fits");
  world.add_projector("mmproj-plain.gguf", 128);  // not even for its name
  CHECK(pairs(world) == Pairs{{"other", ""}, {"plain", ""}});
}

TEST_CASE("a projector is known by what its file says, wherever its name has the word, or has not",
          "[regression][llamacpp][projector]") {
  for (const char* name : {"seer-mmproj-F16.gguf", "mmproj-F16.gguf", "mmproj.gguf", "MMPROJ-seer.GGUF",
                           "eyes.gguf", "mmproj-model-f16.gguf", "seer.mmproj-Q8_0.gguf"}) {
    INFO(name);
    GgufFolder world;
    world.add_model("seer-Q4_K_M.gguf");
    world.add_projector(name);
    CHECK(pairs(world) == Pairs{{"seer-Q4_K_M", name}});
  }
  GgufFolder world;
  world.add_model("mmproj-in-name-only.gguf");
  CHECK(pairs(world) == Pairs{{"mmproj-in-name-only", ""}});
}

TEST_CASE("a projector in a folder above is found, also from the folder of a quantization",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("maker/seer/Q8_0/seer-Q8_0-00001-of-00002.gguf");
  world.add_model("maker/seer/Q8_0/seer-Q8_0-00002-of-00002.gguf");
  world.add_projector("maker/seer/mmproj-F16.gguf");
  CHECK(pairs(world) == Pairs{{"maker/seer/Q8_0/seer-Q8_0", "maker/seer/mmproj-F16.gguf"}});
  const auto alone =
      llamacpp::ModelFolder(fs::path()).find(world.path("maker/seer/Q8_0/seer-Q8_0-00001-of-00002.gguf"));
  REQUIRE(alone);
  CHECK(alone->projector == world.path("maker/seer/mmproj-F16.gguf"));
}

TEST_CASE("in a folder of downloads each model has its own projector, by name and then by width",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("gemma-3-4b-it-Q4_K_M.gguf", 64);
  world.add_model("gemma-3-4b-it-UD-IQ2_XXS.gguf", 64);
  world.add_model("Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", 96);
  world.add_model("Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf", 96);
  world.add_model("pixtral.Q5_K_S.gguf", 128);
  world.add_projector("mmproj-gemma-3-4b-it-F16.gguf", 64);
  world.add_projector("Qwen2.5-VL-7B-Instruct-mmproj-f16.gguf", 96);
  world.add_projector("mmproj-F32.gguf", 128);
  CHECK(pairs(world) == Pairs{{"gemma-3-4b-it-Q4_K_M", "mmproj-gemma-3-4b-it-F16.gguf"},
                              {"gemma-3-4b-it-UD-IQ2_XXS", "mmproj-gemma-3-4b-it-F16.gguf"},
                              {"Qwen2.5-VL-7B-Instruct-Q4_K_M", "Qwen2.5-VL-7B-Instruct-mmproj-f16.gguf"},
                              {"Qwen2.5-Coder-7B-Instruct-Q4_K_M", ""},
                              {"pixtral.Q5_K_S", "mmproj-F32.gguf"}});
}

TEST_CASE("the name in the metadata decides where those of the files say nothing",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("a.gguf", 64, "Gemma 3 4b It");
  world.add_model("b.gguf", 64, "Llama 3.2 3B Instruct");
  world.add_projector("mmproj-F16.gguf", 64, "gemma-3-4b-it");
  CHECK(pairs(world) == Pairs{{"a", "mmproj-F16.gguf"}, {"b", ""}});
}

TEST_CASE("of two precisions F16 is taken, whatever the order of the names",
          "[regression][llamacpp][projector]") {
  for (const char* f16 : {"mmproj-F16.gguf", "a-mmproj-F16.gguf", "zmmproj_f16.gguf"}) {
    INFO(f16);
    GgufFolder world;
    world.add_model("seer.gguf");
    for (const char* name : {"mmproj-BF16.gguf", "mmproj-Q8_0.gguf", "mmproj-F32.gguf"})
      world.add_projector(name);
    world.add_projector(f16);
    CHECK(pairs(world) == Pairs{{"seer", f16}});
  }
  GgufFolder world;
  world.add_model("seer.gguf");
  world.add_projector("mmproj-Q8_0.gguf");
  world.add_projector("mmproj-BF16.gguf");
  CHECK(pairs(world) == Pairs{{"seer", "mmproj-BF16.gguf"}});
}

TEST_CASE("the nearer projector is taken, and one above is not given to a stranger",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_projector("mmproj-seer-F16.gguf");
  world.add_model("far/seer.gguf");
  world.add_model("near/seer.gguf");
  world.add_projector("near/mmproj-seer-BF16.gguf");
  world.add_model("text/writer.gguf");  // as wide, by chance
  CHECK(pairs(world) == Pairs{{"far/seer", "mmproj-seer-F16.gguf"},
                              {"near/seer", "near/mmproj-seer-BF16.gguf"},
                              {"text/writer", ""}});
}

TEST_CASE("a projector of the older converters, whose metadata have another width, fits by its tensors",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("llava.gguf", 4096);
  world.add_model("wrong.gguf", 2048);
  GgufWriter old;
  old.add("general.architecture", "clip");
  old.add("clip.has_llava_projector", true);
  old.add("clip.vision.projection_dim", 768u);
  old.add_tensor("mm.2.bias", 0, 4096, {});
  world.add("mmproj-model-f16.gguf", old, "v.patch_embd.bias");
  CHECK(pairs(world) == Pairs{{"llava", "mmproj-model-f16.gguf"}, {"wrong", ""}});
}

TEST_CASE("a projector for sound adds no vision, and an embedding model gets none by its width alone",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  GgufWriter ears;
  ears.add("general.architecture", "clip");
  ears.add("general.type", "mmproj");
  ears.add("clip.audio.projection_dim", 64u);
  world.add("mmproj-listener.gguf", ears, "mm.a.mlp.1.weight");
  world.add_model("listener.gguf");
  GgufWriter encoder;
  encoder.add("general.architecture", "bert");
  encoder.add("bert.embedding_length", 64u);
  world.add("encoder.gguf", encoder);
  const llamacpp::ModelFolder models(world.folder);
  const auto list = models.list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].key == "encoder");
  CHECK(list[0].vision == false);
  CHECK(list[1].vision == false);
  CHECK(list[1].extra["audio"].as_bool());
  CHECK(models.find("listener")->projector == world.path("mmproj-listener.gguf"));
  CHECK(models.find("encoder")->projector.empty());
}

TEST_CASE("the projector that the settings name wins, and is checked before the model is loaded",
          "[regression][llamacpp][projector]") {
  GgufFolder world;
  world.add_model("m.gguf", 64);
  world.add_projector("mmproj-m.gguf", 64);
  world.add_projector("other/mmproj-right.gguf", 64);
  world.add_projector("other/mmproj-wrong.gguf", 96);
  const auto found = llamacpp::ModelFolder(world.folder).find("m").value();
  const auto settle = [&](const std::vector<std::string>& arguments) -> std::string {
    const auto settled = llamacpp::settle_projector(found.projector, {found.path, found.model}, arguments);
    return settled ? settled->string()
                   : std::string(to_string(settled.error().code)) + ": " + settled.error().message;
  };
  const std::string right = world.path("other/mmproj-right.gguf"),
                    wrong = world.path("other/mmproj-wrong.gguf");
  CHECK(settle({"--ctx-size", "512"}) == world.path("mmproj-m.gguf"));
  CHECK(settle({"--mmproj", right}).empty());  // they have it themselves
  CHECK(settle({"--no-mmproj"}).empty());
  CHECK(settle({"-mm", wrong, "--mmproj", right}).empty());
  CHECK(settle({"--mmproj", wrong}) ==
        "invalid_argument: '" + wrong +
            "', which 'mmproj' names, is for models with an embedding length of "
            "96, and '" +
            world.path("m.gguf") + "' has 64");
  CHECK(settle({"--mmproj", world.path("m.gguf")}) ==
        "invalid_argument: '" + world.path("m.gguf") + "', which 'mmproj' names, is no projector");
  CHECK_THAT(settle({"--mmproj", "/nowhere/mmproj.gguf"}),
             ContainsSubstring("'/nowhere/mmproj.gguf': the file can't be read (No such file or directory)"));
}
