// SPDX-License-Identifier: MIT
// What doctor says of llama.cpp's servers: those that the plugin starts, and those that run already.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <regex>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using std::chrono_literals::operator""s;

namespace {

std::string ids_of(const Diagnosis& diagnosis) {
  std::string ids;
  for (const Finding& finding : diagnosis.findings)
    ids += (ids.empty() ? "" : ", ") + std::string(to_string(finding.severity)) + " " + finding.id;
  return ids.empty() ? "nothing" : ids;
}

Diagnosis examine(const Runtime& runtime, const DiagnosisOptions& options = {}) {
  return runtime.provider("local").value().diagnose(options).value();
}

// A provider `local` that uses the server at that port.
Runtime attached_to(const TempDir& folder, int port, const std::string& more = {}) {
  const std::string config = folder.write(
      "attached.yaml", "providers:\n  local: {plugin: llamacpp, base_url: 'http://127.0.0.1:" +
                           std::to_string(port) + "'" + more + "}\npolicy: {retry: {attempts: 1}}\n");
  return Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
}

// What differs between machines, builds and runs.
std::string without_particulars(std::string text, const LaunchedWorld& world) {
  text = replace_all(text, world.folder.path().string(), "WORLD");
  text = replace_all(text, std::getenv("LLAMA_SERVER"), "LLAMA_SERVER");
  text = std::regex_replace(text, std::regex(R"([0-9.]+ \(build [^)]*\)|[0-9]+ \([0-9a-f]+\))"), "BUILD");
  text = std::regex_replace(text, std::regex("[0-9.]+ MB"), "N MB");
  return std::regex_replace(text, std::regex("  +"), "  ");
}

struct World {
  const char* what;
  std::string provider;  ///< its keys, besides the plugin
  std::string model;     ///< defaults.model
  std::string finding;   ///< the first
  int exit_code;
};

}  // namespace

TEST_CASE("doctor finds nothing wrong with a healthy launched server, and gives the engine's numbers",
          "[real][llamacpp][doctor]") {
  const LaunchedWorld world({talkative("alpha")});
  Runtime runtime = world.open();
  CHECK(ids_of(examine(runtime)) == "nothing");
  CHECK(examine(runtime).model.empty());
  REQUIRE(runtime.load_model("alpha", {.context_length = 1024}));
  const Diagnosis diagnosis = examine(runtime);
  CHECK(ids_of(diagnosis) == "nothing");
  REQUIRE(diagnosis.health);
  CHECK(diagnosis.health->server == "llama.cpp");
  CHECK_FALSE(diagnosis.health->version.empty());
  CHECK(diagnosis.model == "alpha");
  CHECK(diagnosis.context_length == Sourced<std::int64_t>{1024, Source::reported, "llama.cpp's log"});
  CHECK(diagnosis.gpu_layers.source == Source::reported);
  CHECK(diagnosis.total_layers.value > diagnosis.gpu_layers.value);
  CHECK(diagnosis.memory_bytes.value > 0);
  CHECK(diagnosis.tokens_per_second.source == Source::reported);
  CHECK_THAT(diagnosis.tokens_per_second.basis, StartsWith("llama.cpp's timings"));
  CHECK(diagnosis.prompt_tokens_per_second.source == Source::reported);
  CHECK(diagnosis.time_to_first_token.source == Source::measured);
  const Diagnosis without = examine(runtime, {.measure = false});
  CHECK(without.tokens_per_second.source == Source::reported);  // of the generation before
  CHECK(without.prompt_tokens_per_second.value > 0);
}

TEST_CASE("The machine of launched servers is surveyed by the server itself", "[real][llamacpp][doctor]") {
  const LaunchedWorld world({{"alpha"}});
  const Hardware hardware = world.open().provider("local").value().hardware().value();
  CHECK(hardware.ram_bytes.source == Source::measured);
  CHECK(hardware.available_ram_bytes.value > 0);
  CHECK(hardware.available_ram_bytes.value <= hardware.ram_bytes.value);
  CHECK(hardware.vram_bytes.source == Source::reported);
  CHECK_THAT(hardware.vram_bytes.basis, ContainsSubstring("--list-devices"));
  CHECK((hardware.vram_bytes.value == 0) == hardware.gpus.empty());
  CHECK_THAT(hardware.engine, StartsWith("llama.cpp "));
}

TEST_CASE("A model is chosen among files by what they need", "[real][llamacpp][selector]") {
  const LaunchedWorld world({{"alpha"}, {"beta"}});
  const ProviderHandle provider = world.open().provider("local").value();
  const Selection selection = ModelSelector{.context_length = 512}.rank(Task::chat, provider).value();
  CHECK(selection.budgets[0].ram_bytes.source == Source::measured);
  REQUIRE(selection.ranked.size() > 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const RankedModel& model = selection.ranked[i];
    INFO(model.name);
    CHECK(model.listed);
    const MemoryEstimate estimate =
        provider.estimate_load(model.name.substr(7), {.context_length = 512}).value();
    CHECK(model.required_bytes == estimate.total_bytes);
  }
  CHECK_FALSE(selection.ranked[2].listed);
  const ModelSelector tiny{.max_ram = 1000, .max_vram = 0};
  CHECK(tiny.recommend(Task::chat, provider).error().code == ErrorCode::insufficient_memory);
}

TEST_CASE("doctor loads the model for its measurement where it is asked to, and leaves nothing in memory",
          "[real][llamacpp][doctor]") {
  const LaunchedWorld world({talkative("alpha")});
  Runtime runtime = world.open();
  const Diagnosis loaded = examine(runtime, {.load = true});
  CHECK(ids_of(loaded) == "nothing");
  CHECK(loaded.model == "alpha");
  CHECK(loaded.tokens_per_second);
  CHECK(world.servers().empty());
  const Finished doctor = run(cli(world.config, {"doctor", "--load", "--json"}));
  CHECK(doctor.exit_code == 0);
  const Value provider = json_lines(doctor.out).at(0)["data"]["providers"].elements().at(0);
  CHECK(provider["ok"].as_bool());
  CHECK(provider["tokens_per_second"]["value"].as_real() > 0);
  CHECK(world.servers().empty());
  const Finished text = run(cli(world.config, {"doctor", "--load", "--no-measure"}));
  check_golden("llamacpp/doctor_healthy.txt", without_particulars(text.out, world));
}

TEST_CASE("Layers that are configured for a GPU which is not there are found", "[real][llamacpp][doctor]") {
  const LaunchedWorld world({{"alpha"}});
  const std::string config =
      world.folder.write("gpu.yaml", "models: {chat: {provider: local, key: alpha, n_gpu_layers: -1}}\n" +
                                         replace_all(world.text, "local::alpha", "chat"));
  Runtime runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  if (!runtime.provider("local").value().hardware().value().gpus.empty()) {
    WARN("SKIPPED: this machine has a GPU");
    return;
  }
  const Diagnosis diagnosis = examine(runtime, {.load = true, .measure = false});
  CHECK(ids_of(diagnosis) == "warning gpu-layers-not-applied");
}

TEST_CASE("Each way in which llama.cpp can't be started here has its own first finding, and its next step",
          "[real][llamacpp][doctor]") {
  const LaunchedWorld world({{"alpha"}});
  const std::string server = std::string("server: '") + std::getenv("LLAMA_SERVER") + "'";
  std::filesystem::create_directory(world.folder.path() / "empty");
  world.folder.write("bad/text.gguf", "no model at all");
  world.folder.write("mixed/text.gguf", "no model at all");
  std::filesystem::copy_file(world.file("alpha"), world.folder.path() / "mixed" / "alpha.gguf");
  world.folder.write("script", "#!/bin/sh\nexit 0\n");
  std::filesystem::permissions(world.folder.write("other", "#!/bin/sh\necho Another program, 1.0\n"),
                               std::filesystem::perms::owner_all);
  const std::vector<World> worlds{
      {"healthy", server + ", models_dir: models", "alpha", "", 0},
      {"by path", server, world.file("alpha"), "", 0},
      {"no such program", "server: /nowhere/llama-server, models_dir: models", "alpha", "server-missing", 3},
      {"no program", "server: '" + world.folder.path().string() + "/script', models_dir: models", "alpha",
       "server-not-executable", 3},
      {"a folder", "server: '" + world.folder.path().string() + "', models_dir: models", "alpha",
       "server-not-executable", 3},
      {"another program", "server: '" + world.folder.path().string() + "/other', models_dir: models", "alpha",
       "not-llama-server", 3},
      {"no folder is named", server, "alpha", "model-not-there", 6},
      {"no such folder", server + ", models_dir: nowhere", "alpha", "models-dir-missing", 6},
      {"the folder is a file", server + ", models_dir: models/alpha.gguf", "alpha", "models-dir-no-folder",
       6},
      {"no model in it", server + ", models_dir: empty", "alpha", "no-models", 6},
      {"none that can be used", server + ", models_dir: bad", "text", "no-models", 6},
      {"one that can't be used", server + ", models_dir: mixed", "alpha", "unusable-models", 0},
      {"no such model", server + ", models_dir: models", "alpah", "model-not-there", 6},
      {"a setting that its model can't take", server + ", models_dir: models, load: {experts: 4}", "alpha",
       "load-refused", 2},
      {"an option that it has not", server + ", models_dir: models, args: [--no-such-option, '1']", "alpha",
       "unknown-argument", 1},
      {"an RPC server that is not there", server + ", models_dir: models, rpc: ['127.0.0.1:1']", "alpha",
       "rpc-unreachable", 4},
      {"no address", server + ", models_dir: models, rpc: [nowhere]", "alpha", "rpc-address", 3}};
  std::string all;
  for (const World& each : worlds) {
    INFO(each.what);
    const std::string config =
        world.folder.write("world.yaml", "providers:\n  local: {plugin: llamacpp, " + each.provider +
                                             "}\ndefaults: {model: 'local::" + each.model + "'}\n");
    const Finished doctor = run(cli(config, {"doctor"}));
    CHECK(doctor.exit_code == each.exit_code);
    const std::size_t at = doctor.out.find("\n1. ");
    const std::string findings = at == std::string::npos ? "" : doctor.out.substr(at);
    CHECK(findings.empty() == each.finding.empty());
    CHECK_THAT(findings.substr(0, findings.find("\n   seen:")), ContainsSubstring(each.finding));
    all += std::string(each.what) + (findings.empty() ? "\nnothing is wrong\n" : findings) + "\n";
  }
  check_golden("llamacpp/doctor_worlds.txt", without_particulars(all, world));
}

TEST_CASE("A machine without llama-server is found, with every place that was looked in",
          "[real][llamacpp][doctor]") {
  for (const char* usual : {"/usr/local/bin", "/opt/homebrew/bin", "/opt/llama.cpp/bin"})
    if (std::filesystem::exists(std::string(usual) + "/llama-server")) {
      WARN("SKIPPED: there is a llama-server in " << usual);
      return;
    }
  const LaunchedWorld world({{"alpha"}});
  const std::string config = world.folder.write(
      "auto.yaml", replace_all(world.text, std::string("'") + std::getenv("LLAMA_SERVER") + "'", "auto"));
  Command command = cli(config, {"doctor", "--json"});
  command.env.insert(command.env.end(), {{"PATH", "/nowhere"}, {"HOME", world.folder.path().string()}});
  const Finished doctor = run(command);
  CHECK(doctor.exit_code == 3);
  const Value provider = json_lines(doctor.out).at(0)["data"]["providers"].elements().at(0);
  CHECK(provider["health"].is_null());
  const Value& finding = provider["findings"].elements().at(0);
  CHECK(finding["id"].as_string() == "server-not-found");
  CHECK(finding["code"].as_string() == "config_invalid");
  CHECK_THAT(std::string(finding["evidence"].as_string()),
             ContainsSubstring("/nowhere, " + world.folder.path().string() + "/.local/bin"));
}

TEST_CASE("A server that was killed is found, with how it ended, until its model is loaded again",
          "[real][llamacpp][doctor]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("alpha"));
  for (const pid_t pid : world.servers()) ::kill(pid, SIGKILL);
  Diagnosis diagnosis;
  REQUIRE(comes_true(20s, [&] {
    diagnosis = examine(runtime, {.measure = false});
    return !diagnosis.findings.empty();
  }));
  CHECK(ids_of(diagnosis) == "warning server-lost");
  CHECK_THAT(diagnosis.findings.front().evidence, ContainsSubstring("signal 9"));
  CHECK_THAT(diagnosis.findings.front().evidence, ContainsSubstring("its last lines"));
  REQUIRE(runtime.load_model("alpha"));
  CHECK(ids_of(examine(runtime, {.measure = false})) == "nothing");
}

TEST_CASE("doctor tells what is wrong with a llama.cpp server that runs already",
          "[real][llamacpp][doctor]") {
  const TempDir folder;
  SECTION("nothing, and its numbers are its own") {
    const LlamaServer server = LlamaServer::with_model(talkative("alpha"), {"--metrics"});
    const Diagnosis diagnosis = examine(attached_to(folder, server.port()));
    CHECK(ids_of(diagnosis) == "nothing");
    CHECK(diagnosis.model == "alpha");
    CHECK(diagnosis.context_length.source == Source::reported);
    CHECK(diagnosis.tokens_per_second.source == Source::reported);
    CHECK_FALSE(diagnosis.gpu_layers);
    CHECK_FALSE(diagnosis.gpu_layers.basis.empty());
  }
  SECTION("a key is wanted") {
    const LlamaServer server =
        LlamaServer::with_model(talkative("alpha"), {"--api-key", "secret", "--no-slots"});
    CHECK(ids_of(examine(attached_to(folder, server.port()))) == "error key-missing");
    CHECK(ids_of(examine(attached_to(folder, server.port(), ", api_key: wrong"))) == "error key-refused");
    const Diagnosis diagnosis = examine(attached_to(folder, server.port(), ", api_key: secret"));
    CHECK(ids_of(diagnosis) == "info no-slots, info no-metrics");
    CHECK(diagnosis.tokens_per_second);
  }
  SECTION("a router without a model in memory loads one when it is asked") {
    const LlamaServer router = LlamaServer::with_models({talkative("alpha")});
    CHECK(ids_of(examine(attached_to(folder, router.port()), {.model = "alpha"})) == "info model-not-loaded");
    CHECK(ids_of(examine(attached_to(folder, router.port()), {.model = "alpha", .load = true})) == "nothing");
  }
  SECTION("another server") {
    const Simulator other;
    CHECK(ids_of(examine(attached_to(folder, other.port()))) == "error not-llamacpp");
    CHECK(ids_of(examine(attached_to(folder, refused_port()))) == "error server-not-started");
  }
}

TEST_CASE("verbose hands on what launched servers write, from their first line", "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}, {"beta"}});
  std::mutex mutex;
  std::string heard;
  const auto log = [&](Severity severity, std::string_view who, std::string_view line) {
    const std::lock_guard lock(mutex);
    heard += std::string(to_string(severity)) + " " + std::string(who) + ": " + std::string(line) + "\n";
  };
  const auto hears = [&](const char* words) {
    return comes_true(20s, [&] {
      const std::lock_guard lock(mutex);
      return heard.find(words) != std::string::npos;
    });
  };
  Runtime runtime =
      Runtime::open(world.folder.write("verbose.yaml", "verbose: true\n" + world.text), log).value();
  REQUIRE(runtime.load_model("alpha"));
  CHECK(hears("info local server: alpha: "));
  CHECK(hears("listening on"));
  REQUIRE(runtime.load_model("beta"));
  CHECK(hears("info local server: beta: "));
}
