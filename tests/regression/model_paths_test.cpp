// SPDX-License-Identifier: MIT
// A path to a model file that does not exist was answered by another file of that name, a path in the
// configuration was relative to the working directory, "~/" and ".GGUF" were no paths, and each shard of a
// split model was a model of its own.
#include <cstdlib>
#include <filesystem>

#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/model_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// The home folder, for one test.
class Home {
 public:
  explicit Home(const std::string& folder) : before_(std::getenv("HOME") ? std::getenv("HOME") : "") {
    ::setenv("HOME", folder.c_str(), 1);
  }
  ~Home() { ::setenv("HOME", before_.c_str(), 1); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

 private:
  const std::string before_;
};

// A folder with a configuration and models, and a provider that runs them: `files`; `studio` does not.
struct Files {
  TempDir folder;
  std::shared_ptr<FakeProvider> files = std::make_shared<FakeProvider>(),
                                studio = std::make_shared<FakeProvider>();
  Config config;

  Files() {
    files->runs_files = true;
    for (const char* name : {"a.gguf", "b.GGUF", "blob", "s-00001-of-00002.gguf", "s-00002-of-00002.gguf"})
      folder.write(name, "GGUF");
    files->models = {{.key = "absent", .path = at("models/absent.gguf")},
                     {.key = "deep/down", .path = at("models/deep/down.gguf")}};
    studio->models = {{.key = "maker/absent", .quantization = "Q4_K_M"},
                      {.key = "maker/there", .path = "maker/there-GGUF/there-q8.gguf"},
                      {.key = "maker/split", .path = "maker/split/x-00001-of-00003.gguf"}};
    config.file = at("tachikoma.yaml");
  }

  std::string at(const std::string& name) const { return (folder.path() / name).string(); }

  std::string resolve(std::string_view name, bool both = true) const {
    std::vector<calls::ProviderSetup> setups;
    if (both) setups.push_back(setup("studio", studio));
    setups.push_back(setup("files", files));
    const auto parts = make_parts(std::move(setups), config);
    const Result<ResolvedModel> model = parts.runtime().models.resolve(name);
    if (!model) return std::string(to_string(model.error().code)) + ": " + model.error().message;
    return model->provider + "::" + model->name;
  }
};

}  // namespace

TEST_CASE("the file at a path is the model, or there is no such file", "[regression][model files]") {
  const Files world;
  for (const bool both : {false, true}) {
    INFO(both);
    CHECK(world.resolve(world.at("a.gguf"), both) == "files::" + world.at("a.gguf"));
    CHECK(world.resolve(world.at("b.GGUF"), both) == "files::" + world.at("b.GGUF"));
    CHECK(world.resolve(world.at("blob"), both) == "files::" + world.at("blob"));
    CHECK(world.resolve(world.at("x/../a.gguf"), both) == "files::" + world.at("a.gguf"));
    CHECK(world.resolve(world.at("s-00002-of-00002.gguf"), both) ==
          "files::" + world.at("s-00001-of-00002.gguf"));
  }
  CHECK(world.resolve(world.at("absent.gguf"), false) ==
        "model_not_found: no such file: '" + world.at("absent.gguf") + "', and 'files' lists no such model");
  CHECK(world.resolve(world.at("absent.gguf")) == "model_not_found: no such file: '" +
                                                      world.at("absent.gguf") +
                                                      "', and no provider lists such a model");
  for (const std::string& name : {world.at("absent.GGUF"), world.at("absent"), std::string("./absent.gguf"),
                                  std::string("../absent.gguf"), world.folder.path().string()}) {
    INFO(name);
    CHECK_THAT(world.resolve(name), StartsWith("model_not_found: no such file: '"));
    CHECK_THAT(world.resolve("files::" + name), StartsWith("model_not_found: no such file: '"));
  }
}

TEST_CASE("a listed file is named by its path, or a part of it", "[regression][model files]") {
  const Files world;
  CHECK(world.resolve("files::" + world.at("models/absent.gguf")) == "files::absent");
  CHECK(world.resolve("files::absent.gguf") == "files::absent");
  CHECK(world.resolve("deep/down.gguf") == "files::deep/down");
  CHECK(world.resolve("studio::/home/x/models/maker/there-GGUF/there-q8.gguf") == "studio::maker/there");
  CHECK(world.resolve("studio::/m/maker/split/x-00003-of-00003.gguf") == "studio::maker/split");
}

TEST_CASE("a path that the user types is not taken for a model of that name elsewhere",
          "[regression][model files]") {
  const Files world;
  CHECK(world.resolve("studio::/models/absent-q4_k_m.gguf") ==
        "model_not_found: no such file: '/models/absent-q4_k_m.gguf', and 'studio' lists no such model");
  CHECK(world.resolve("studio::" + world.at("a.gguf")) ==
        "invalid_argument: '" + world.at("a.gguf") + "' is a file, and 'studio' runs no models from files");
}

TEST_CASE("the configuration's paths start at its folder, or at home", "[regression][model files]") {
  Files world;
  const Home home(world.folder.path().string());
  const auto configured = [&](const std::string& provider, const std::string& key) {
    world.config.models = {{.alias = "m", .provider = provider, .key = key}};
    return world.resolve("m");
  };
  CHECK(configured("files", "./a.gguf") == "files::" + world.at("a.gguf"));
  CHECK(configured("files", "./blob") == "files::" + world.at("blob"));
  CHECK(configured("files", "a.gguf") == "files::" + world.at("a.gguf"));
  CHECK(configured("files", "~/b.GGUF") == "files::" + world.at("b.GGUF"));
  CHECK(configured("files", "./s-00002-of-00002.gguf") == "files::" + world.at("s-00001-of-00002.gguf"));
  CHECK(configured("files", "./absent.gguf") ==
        "model_not_found: no such file: '" + world.at("absent.gguf") + "', and 'files' lists no such model");
  CHECK(configured("files", "~/absent.gguf") ==
        "model_not_found: no such file: '" + world.at("absent.gguf") + "', and 'files' lists no such model");
  // the document's form: a file on LM Studio's machine, whose list has no paths
  CHECK(configured("studio", "~/models/absent-q4_k_m.gguf") == "studio::maker/absent");
  CHECK(configured("studio", "~/models/there.gguf") == "model_not_found: no such file: '" +
                                                           world.at("models/there.gguf") +
                                                           "', and 'studio' lists no such model");
  world.config.default_model = "./a.gguf";
  CHECK(world.resolve("") == "files::" + world.at("a.gguf"));
  world.config.default_model = "files::./a.gguf";
  CHECK(world.resolve("") == "files::" + world.at("a.gguf"));
  CHECK(world.resolve("~/a.gguf") == "files::" + world.at("a.gguf"));
}

TEST_CASE("a path that a server lists as a key is that key", "[regression][model files]") {
  Files world;
  world.studio->models = {{.key = "./a.gguf"}, {.key = world.at("gone.gguf")}, {.key = "models/a.gguf"}};
  world.config.models = {{.alias = "m", .provider = "studio", .key = "./a.gguf"}};
  CHECK(world.resolve("m") == "studio::./a.gguf");
  CHECK(world.resolve("studio::./a.gguf") == "studio::./a.gguf");
  CHECK(world.resolve(world.at("gone.gguf")) == "studio::" + world.at("gone.gguf"));
  CHECK(world.resolve("models/a.gguf") == "studio::models/a.gguf");
}
