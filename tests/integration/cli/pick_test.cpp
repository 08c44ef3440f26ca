// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A simulated LM Studio, and a user who has it configured.
struct PickWorld {
  Simulator simulator{};
  Shell shell{"providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}\n"};

  Finished pick(std::vector<std::string> words) const {
    words.insert(words.begin(), "pick");
    return shell.tachikoma(words);
  }
};

const std::vector<std::string> kMachine{"--ram", "64GB", "--vram", "24GB"};

std::vector<std::string> on_machine(std::vector<std::string> words) {
  words.insert(words.end(), kMachine.begin(), kMachine.end());
  return words;
}

}  // namespace

TEST_CASE("pick ranks the servers' models, names the best with its reason, and what is too large",
          "[cli][pick]") {
  const PickWorld world;
  const Finished picked = world.pick(on_machine({"--task", "code"}));
  CHECK(picked.exit_code == 0);
  check_golden("cli/pick.txt", picked.err + "\n" + picked.out);
}

TEST_CASE("a model that could be downloaded is told how to be, if that is known", "[cli][pick]") {
  const Simulator simulator("models: [{key: text-embedding-x, type: embedding, size: 84MB}]\n");
  const Shell shell("providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}\n");
  const Finished picked =
      shell.tachikoma({"pick", "--task", "reasoning", "--speed", "fast", "--ram", "20GB", "--vram", "0"});
  CHECK(picked.exit_code == 0);
  CHECK_THAT(picked.out, ContainsSubstring("to download"));
  CHECK_THAT(picked.out, ContainsSubstring("\n\ngpt-oss-20b: its speciality is reasoning; "));
  CHECK_THAT(picked.out, ContainsSubstring("\n  tachikoma download openai/gpt-oss-20b\n"));
}

TEST_CASE("pick --json has the ranking with every number's source", "[cli][pick][json]") {
  const PickWorld world;
  const Value whole = json_of(world.pick(on_machine({"--json"})).out);
  CHECK(whole["kind"].as_string() == "picked");
  const Value& data = whole["data"];
  CHECK(data["task"].as_string() == "general");
  CHECK(data["speed"].as_string() == "balanced");
  CHECK(data["headroom"].as_real() == 0.2);
  CHECK(data["failures"].elements().empty());
  const Value& budget = data["budgets"].elements().at(0);
  CHECK(budget["ram_bytes"]["value"].as_integer() == 51'200'000'000);
  CHECK(budget["ram_bytes"]["basis"].as_string() == "as given, less the 20 % that stay free");
  CHECK(budget["available_ram_bytes"]["source"].as_string() == "unknown");
  const Value& best = data["ranked"].elements().at(0);
  CHECK(best["name"].as_string() == "lmstudio::gemma-3-12b");
  CHECK(best["listed"].as_bool());
  CHECK(best["download"].is_null());
  for (const char* number : {"required_bytes", "context_length", "on_gpus_bytes", "bytes_per_token",
                             "parameters", "active_parameters"}) {
    INFO(number);
    CHECK_FALSE(best[number]["value"].is_null());
    CHECK_FALSE(best[number]["basis"].as_string().empty());
    CHECK(best[number]["source"].as_string() != "unknown");
  }
  CHECK(data["too_large"].elements().at(0)["name"].as_string() == "lmstudio::huge");
}

TEST_CASE("the memory is that of the server's machine unless it is given", "[cli][pick]") {
  const PickWorld world;
  const Value data = json_of(world.pick({"--json"}).out)["data"];
  const Value& budget = data["budgets"].elements().at(0);
  CHECK(budget["vram_bytes"]["source"].as_string() == "reported");
  CHECK(budget["vram_bytes"]["basis"].as_string() ==
        "LM Studio's hardware survey of this machine, less the 20 % that stay free");
  CHECK(budget["available_ram_bytes"]["source"].as_string() == "measured");
}

TEST_CASE("where nothing fits it is exit 7, with what the smallest would need", "[cli][pick]") {
  const PickWorld world;
  const Finished failed = world.pick({"--ram", "100MB", "--vram", "0"});
  CHECK(failed.exit_code == 7);
  CHECK(failed.out.empty());
  CHECK_THAT(failed.err,
             ContainsSubstring("no model fits into the memory to spare: the smallest is 'smollm2-360m'"));
  CHECK_THAT(failed.err, ContainsSubstring("there are 0.08 GB of RAM to spare"));
  CHECK_THAT(failed.err, ContainsSubstring("hint: "));
}

TEST_CASE("what pick can't do it says by name", "[cli][pick]") {
  const PickWorld world;
  const auto refused = [&](const std::vector<std::string>& words, int code) {
    const Finished failed = world.pick(words);
    CHECK(failed.exit_code == code);
    return failed.err;
  };
  CHECK_THAT(refused({"--task", "cook"}, 2), ContainsSubstring("'cook' is not one of general, chat, code"));
  CHECK_THAT(refused({"--ram", "much"}, 2), ContainsSubstring("--ram: 'much' is not a size such as 16GB"));
  CHECK_THAT(refused({"--context", "0"}, 2),
             ContainsSubstring("--context: '0' is not a whole number of 1 or more"));
  CHECK_THAT(refused({"--library", "/nowhere.yaml"}, 3), ContainsSubstring("/nowhere.yaml"));
  const std::string file =
      world.shell.folder().write("library.yaml", "bits_per_weight: {Q4_K_M: many}\nmodels: {}\n");
  CHECK_THAT(refused({"--library", file}, 3), ContainsSubstring("library.yaml:1:"));
}

TEST_CASE("of a server that says nothing about its machine the memory is this machine's, if it is here",
          "[cli][pick]") {
  const Simulator simulator;
  const Shell shell("providers:\n  any: {plugin: openai, base_url: '" + simulator.base_url() + "/v1'}\n");
  const Value data = json_of(shell.tachikoma({"pick", "--json"}).out)["data"];
  const Value& budget = data["budgets"].elements().at(0);
  CHECK_THAT(std::string(budget["ram_bytes"]["basis"].as_string()),
             StartsWith("/proc/meminfo of this machine, less the 20 %"));
  CHECK(budget["ram_bytes"]["source"].as_string() == "measured");
  // nor does it say how large its models are
  const Value& listed = data["ranked"].elements().at(0);
  CHECK(listed["listed"].as_bool());
  CHECK(listed["required_bytes"]["value"].is_null());
  CHECK(listed["required_bytes"]["basis"].as_string() ==
        "provider 'any' can't estimate the memory of a load");
}

TEST_CASE("models --fit says what each model needs, and whether that fits", "[cli][pick][models]") {
  const PickWorld world;
  std::vector<std::string> words{"models", "--fit"};
  words.insert(words.end(), kMachine.begin(), kMachine.end());
  const Finished listed = world.shell.tachikoma(words);
  CHECK(listed.exit_code == 0);
  check_golden("cli/models_fit.txt", listed.err + "\n" + listed.out);
  words.push_back("--json");
  const Value whole = json_of(world.shell.tachikoma(words).out);
  CHECK(whole["kind"].as_string() == "fit");
  const Value::Array& models = whole["data"]["models"].elements();
  REQUIRE(models.size() == 10);
  CHECK(models[0]["name"].as_string() == "lmstudio::codellama-34b");
  CHECK(models[0]["fits"].as_bool());
  CHECK(models[2]["name"].as_string() == "lmstudio::huge");
  CHECK(models[2]["fits"] == Value(false));
}

TEST_CASE("models --fit goes with --loaded and --names, and the memory only with --fit",
          "[cli][pick][models]") {
  const PickWorld world;
  CHECK(
      world.shell.tachikoma({"models", "--fit", "--names", "--loaded", "--ram", "8GB", "--vram", "0"}).out ==
      "lmstudio::mistral-7b\n");
  const Finished refused = world.shell.tachikoma({"models", "--ram", "8GB"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("--ram, --vram and --context are for --fit"));
}

TEST_CASE("an estimate that no server judges is compared with what is free on the machine",
          "[cli][load][llamacpp]") {
  const GgufFolder files;
  GgufWriter model;
  model.add("general.architecture", "llama");
  model.add("llama.block_count", std::uint32_t(32));
  model.add("llama.context_length", std::uint32_t(4096));
  model.add("llama.embedding_length", std::uint32_t(4096));
  model.add("llama.attention.head_count", std::uint32_t(32));
  files.add("seer.gguf", model);
  const Shell shell("providers: {local: {plugin: llamacpp, models_dir: '" + files.folder.string() + "'}}\n");
  const Finished fits = shell.tachikoma({"load", "seer", "--estimate-only", "--context", "1"});
  CHECK(fits.exit_code == 0);
  CHECK_THAT(fits.out, ContainsSubstring("\nfits       yes (") && ContainsSubstring(" of RAM are free"));
  // half a megabyte for each token
  const Finished large =
      shell.tachikoma({"load", "seer", "--estimate-only", "--json", "--context", "1000000000"});
  CHECK(large.exit_code == 7);
  const Value data = json_of(large.out)["data"];
  CHECK(data["fits"] == Value(false));
  CHECK(data["available_ram_bytes"]["value"].as_integer() > 0);
  CHECK(data["available_ram_bytes"]["source"].as_string() == "measured");
  const Value error = json_of(large.err)["error"];
  CHECK(error["code"].as_string() == "insufficient_memory");
  CHECK(error["detail"]["required_bytes"].as_integer() > 500'000'000'000'000);
  CHECK(error["detail"]["available_bytes"].as_integer() > 0);
  CHECK_THAT(std::string(error["message"].as_string()),
             StartsWith("'seer' does not fit into memory: it would take ~524"));
}
