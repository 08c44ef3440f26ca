// SPDX-License-Identifier: MIT
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string lmstudio_at(const std::string& base_url) {
  return "  lmstudio: {plugin: lmstudio, base_url: '" + base_url + "'}\n";
}

// Nothing listens there: the port of a simulator that has ended.
std::string dead_url() { return Simulator().base_url(); }

const std::string kEcho = "  echo: {plugin: echo, models: [parrot]}\n";

}  // namespace

TEST_CASE("models prints every model of a server with what is known of it", "[cli][models]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()) + kEcho);
  const Finished listed = shell.tachikoma({"models"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.err.empty());
  check_golden("cli/models.txt", listed.out);
}

TEST_CASE("models can be narrowed to loaded ones and to names", "[cli][models]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()));
  CHECK(shell.tachikoma({"models", "--names", "--loaded"}).out ==
        "lmstudio::openai/gpt-oss-20b\nlmstudio::mistral-7b\n");
  CHECK_THAT(shell.tachikoma({"models", "--names"}).out, ContainsSubstring("lmstudio::huge\n"));
}

TEST_CASE("models --json has every number with its source", "[cli][models][json]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()) + kEcho);
  const Value whole = json_of(shell.tachikoma({"models", "--json"}).out);
  CHECK(whole["schema_version"].as_integer() == 1);
  CHECK(whole["kind"].as_string() == "models");
  CHECK(whole["data"]["failures"].elements().empty());
  const Value& model = whole["data"]["models"].elements().at(0);
  CHECK(model["address"].as_string() == "lmstudio::openai/gpt-oss-20b");
  CHECK(model["provider"].as_string() == "lmstudio");
  CHECK(model["key"].as_string() == "openai/gpt-oss-20b");
  CHECK(model["display_name"].as_string() == "GPT-OSS 20B");
  CHECK(model["quantization"].as_string() == "MXFP4");
  CHECK(model["state"].as_string() == "loaded");
  CHECK(model["size_bytes"]["value"].as_integer() == 12109566560);
  CHECK(model["size_bytes"]["unit"].as_string() == "bytes");
  CHECK(model["size_bytes"]["source"].as_string() == "reported");
  CHECK(model["context_length"]["value"].as_integer() == 16384);
  CHECK(model["max_context_length"]["value"].as_integer() == 131072);
  CHECK(model["capabilities"]["tool_use"].as_bool());
  const Value& parrot = whole["data"]["models"].elements().back();
  CHECK(parrot["size_bytes"]["source"].as_string() == "unknown");
  CHECK(parrot["size_bytes"]["value"].is_null());
}

TEST_CASE("a server that can't be asked is told of, and the others are listed", "[cli][models]") {
  const Shell shell("providers:\n" + lmstudio_at(dead_url()) + kEcho);
  const Finished listed = shell.tachikoma({"models", "--names"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out == "echo::parrot\n");
  CHECK_THAT(listed.err, StartsWith("tachikoma: ") && ContainsSubstring("lmstudio: no server answers"));
  const Value data = json_of(shell.tachikoma({"models", "--json"}).out)["data"];
  CHECK(data["failures"].elements().at(0)["provider"].as_string() == "lmstudio");
  CHECK(data["failures"].elements().at(0)["error"]["exit"].as_integer() == 4);
}

TEST_CASE("models is exit 4 when no server can be asked", "[cli][models]") {
  const Shell shell("providers:\n" + lmstudio_at(dead_url()));
  const Finished listed = shell.tachikoma({"models"});
  CHECK(listed.exit_code == 4);
  CHECK(listed.out.empty());
  CHECK_THAT(listed.err, ContainsSubstring("hint: "));
}

TEST_CASE("without a configuration the LM Studio of this machine is used", "[cli][models]") {
  const Simulator simulator;
  const Shell shell;
  Command command = shell.command({"models", "--names", "--loaded"});
  command.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", std::to_string(simulator.port()));
  const Finished listed = run(command);
  INFO(listed.err);
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.out, ContainsSubstring("lmstudio::mistral-7b\n"));
}

TEST_CASE("without a configuration and without LM Studio it is exit 4, with what to do", "[cli][models]") {
  const Shell shell;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"models"}, {"ask", "hello"}, {"chat"}, {"status"}}) {
    const Finished failed = shell.tachikoma(words);
    INFO(words[0]);
    CHECK(failed.exit_code == 4);
    CHECK(failed.out.empty());
    if (words[0] == "ask")
      check_golden("cli/nothing_found.txt", replace_all(failed.err, shell.folder().path().string(), "HOME"));
  }
}

namespace {

// A folder with a model, and with everything else that people have in such folders.
struct MixedFolder {
  GgufFolder files;
  Shell shell{"providers: {local: {plugin: llamacpp, models_dir: '" + files.folder.string() + "'}}\n"};

  MixedFolder() {
    files.add_model("seer-Q4_K_M.gguf", 64);
    files.add_projector("mmproj-seer-F16.gguf", 64);
    files.add_projector("mmproj-stray.gguf", 128);
    GgufWriter lora;
    lora.add("general.architecture", "llama");
    lora.add("general.type", "adapter");
    files.add("style.gguf", lora, "blk.0.attn_q.weight.lora_a");
    files.write("page.gguf", "<!DOCTYPE html><title>Log in</title>");
    files.write("next.gguf.part", "GGUF");
    std::filesystem::create_directory_symlink("loop", files.folder / "loop");
  }
  std::string told(std::string text) const {
    return replace_all(std::move(text), files.folder.string(), "MODELS");
  }
};

}  // namespace

TEST_CASE(
    "models says of each file that is no model what it is, and of each folder that can't be searched why",
    "[cli][models][llamacpp]") {
  const MixedFolder mixed;
  const Finished listed = mixed.shell.tachikoma({"models"});
  CHECK(listed.exit_code == 0);
  check_golden("cli/no_models.txt", listed.out + "\n" + mixed.told(listed.err));
  CHECK(mixed.shell.tachikoma({"models", "--names"}).out == "local::seer-Q4_K_M\n");
  const Value models = json_of(mixed.shell.tachikoma({"models", "--json"}).out)["data"]["models"];
  for (const Value& model : models.elements()) {
    INFO(model["key"].as_string());
    const bool seer = model["key"].as_string() == "seer-Q4_K_M";
    CHECK(model["state"].as_string() == (seer ? "not_loaded" : "failed"));
    CHECK(model["extra"]["error"].is_string() != seer);
    if (seer)
      CHECK(mixed.told(std::string(model["extra"]["projector"].as_string())) ==
            "MODELS/mmproj-seer-F16.gguf");
  }
}

TEST_CASE("a file that is no model is refused by what it is, whoever names it", "[cli][models][llamacpp]") {
  const MixedFolder mixed;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"load", "style"},
                                                {"ask", "-m", "style", "hello"},
                                                {"ask", "-m", mixed.files.path("style.gguf"), "hello"},
                                                {"load", "--estimate-only", "style"}}) {
    INFO(words[0] << ' ' << words[1]);
    const Finished refused = mixed.shell.tachikoma(words);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(mixed.told(refused.err),
               ContainsSubstring("'MODELS/style.gguf': the file is a LoRA adapter") &&
                   ContainsSubstring("extra: {lora: PATH}"));
  }
  const Finished unsearched = mixed.shell.tachikoma({"load", "absent"});
  CHECK(unsearched.exit_code == 6);
  CHECK_THAT(mixed.told(unsearched.err),
             ContainsSubstring("'MODELS/loop' can't be searched: Too many levels of symbolic links"));
}

TEST_CASE("doctor finds what is no model, fits none, or was not searched", "[cli][models][llamacpp]") {
  const MixedFolder mixed;
  const Value data = json_of(mixed.shell.tachikoma({"doctor", "--json"}).out)["data"];
  std::string found;
  for (const Value& each : data["providers"].elements().at(0)["findings"].elements()) {
    const std::string id(each["id"].as_string());
    if (id == "projector-unused" || id == "not-models" || id == "unusable-models" || id == "models-unread")
      found += std::string(each["severity"].as_string()) + " " + id + ": " +
               std::string(each["title"].as_string()) +
               "\n  seen: " + mixed.told(std::string(each["evidence"].as_string())) + "\n";
  }
  check_golden("cli/no_models_doctor.txt", found);
}
