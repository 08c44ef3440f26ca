// SPDX-License-Identifier: MIT
// load, unload, ps and download, as a user meets them.
#include <csignal>
#include <regex>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string config_for(const Simulator& simulator, const std::string& more = {}) {
  return "providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}\n" + more;
}

const std::string kParrot = "  echo: {plugin: echo, models: [parrot]}\n";

// A model that takes its time, beside a small one.
constexpr char kSlow[] = R"(models:
  - {key: slow, size: 4GB, load_time: 1h}
  - {key: quick, size: 2GB}
)";

// Times are what they are, and so is how often a load tells how far it is.
std::string without_times(const std::string& text) {
  const std::string timeless = std::regex_replace(text, std::regex(R"([0-9]+\.[0-9] s)"), "TIME");
  return std::regex_replace(timeless, std::regex("[^\n]*: [0-9]+ %\n"), "");
}

// "12s ago" and "59m 48s", with the blanks that set them flush.
std::string without_moments(const std::string& table) {
  const std::string timeless = std::regex_replace(table, std::regex(" +[0-9]+s ago"), "  AGO");
  return std::regex_replace(timeless, std::regex(" +5[0-9]m( [0-9]+s)?\n"), "  LEFT\n");
}

std::vector<std::string> loaded_on(const Simulator& simulator) {
  std::vector<std::string> ids;
  const Value state = simulator.state();
  for (const Value& id : state["loaded"].elements()) ids.emplace_back(id.as_string());
  return ids;
}

// The last entry of this path in what the simulator saw; null: none.
Value last_seen(const Value& state, std::string_view path) {
  Value last;
  for (const Value& request : state["requests"].elements())
    if (request["path"].as_string() == path) last = request;
  return last;
}

}  // namespace

TEST_CASE("load prints the address of what it loaded, and says on stderr how that went", "[cli][load]") {
  const Simulator simulator(kSlow);
  const Shell shell(config_for(simulator));
  const Finished loaded = shell.tachikoma({"load", "quick", "--context", "8192", "--gpu-layers", "all"});
  INFO(loaded.err);
  CHECK(loaded.exit_code == 0);
  CHECK(loaded.out == "lmstudio::quick\n");
  check_golden("cli/load.txt", without_times(loaded.err));
  CHECK(loaded_on(simulator) == std::vector<std::string>{"quick"});
}

TEST_CASE("load tells each tenth on a pipe, and nothing with --json", "[cli][load][json]") {
  const Simulator simulator("models: [{key: quick, size: 2GB, load_time: 100ms}]\n");
  const Shell shell(config_for(simulator));
  const Finished spoken = shell.tachikoma({"load", "quick"});
  CHECK_THAT(spoken.err, StartsWith("tachikoma: loading quick\n"));
  CHECK(std::regex_search(spoken.err, std::regex("tachikoma: loading quick: [1-9]0 %\n")));
  CHECK_THAT(spoken.err, !ContainsSubstring("\r") && !ContainsSubstring("\x1b"));

  const Finished silent = shell.tachikoma({"load", "quick", "--json", "--context", "2048"});
  CHECK(silent.err.empty());
  const Value whole = json_of(silent.out);
  CHECK(whole["kind"].as_string() == "loaded");
  const Value& data = whole["data"];
  CHECK(data["address"].as_string() == "lmstudio::quick:2");
  CHECK(data["provider"].as_string() == "lmstudio");
  CHECK(data["key"].as_string() == "quick");
  CHECK(data["instance"].as_string() == "quick:2");
  CHECK(data["surface"].as_string() == "WebSocket");
  CHECK(data["applied"]["context_length"].as_integer() == 2048);
  CHECK(data["unapplied"].elements().empty());
  CHECK(data["load_time"]["unit"].as_string() == "s");
}

TEST_CASE("on a terminal a bar shows how far a load is, and is gone at its end", "[cli][load]") {
  const Simulator simulator("models: [{key: quick, size: 2GB, load_time: 100ms}]\n");
  const Shell shell(config_for(simulator));
  const Finished shown = shell.bash("TERM=xterm NO_COLOR=1 script -qec 'tachikoma load quick' /dev/null");
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, StartsWith("loading quick\r\x1b[Kloading quick  ") && ContainsSubstring("█"));
  CHECK_THAT(shown.out.substr(shown.out.rfind('\x1b')),
             StartsWith("\x1b[Ktachikoma: loaded in ") && ContainsSubstring("\r\nlmstudio::quick\r\n"));
}

TEST_CASE("every option of load reaches the server in the field that is its own", "[cli][load]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator));
  const Finished loaded = shell.tachikoma({"load",
                                           "mixtral-8x7b",
                                           "--context",
                                           "16384",
                                           "--gpu-layers",
                                           "50%",
                                           "--main-gpu",
                                           "1",
                                           "--batch",
                                           "256",
                                           "--threads",
                                           "6",
                                           "--no-mlock",
                                           "--mmap",
                                           "--no-offload-kv",
                                           "--flash-attention",
                                           "on",
                                           "--cache-type-k",
                                           "q8_0",
                                           "--cache-type-v",
                                           "q8_0",
                                           "--seed",
                                           "7",
                                           "--parallel",
                                           "2",
                                           "--experts",
                                           "2",
                                           "--ttl",
                                           "1h30m",
                                           "--identifier",
                                           "mine"});
  INFO(loaded.err);
  REQUIRE(loaded.exit_code == 0);
  CHECK(loaded.out == "lmstudio::mine\n");
  const Value load = last_seen(simulator.state(), "/llm/loadModel")["body"];
  CHECK(load["modelKey"] == Value("mixtral-8x7b"));
  CHECK(load["identifier"] == Value("mine"));
  CHECK(load["ttlMs"] == Value(5'400'000));
  std::string fields;
  for (const Value& layer : load["loadConfigStack"]["layers"].elements())
    for (const Value& field : layer["config"]["fields"].elements()) fields += to_json(field) + "\n";
  check_golden("cli/load_fields.txt", fields);
}

TEST_CASE("an alias brings its load settings, and the command line wins over them", "[cli][load]") {
  const Simulator simulator;
  const Shell shell(config_for(
      simulator,
      "models: {mine: {provider: lmstudio, key: phi-3-mini, context_length: 2048, threads: 3}}\n"));
  const Value data = json_of(shell.tachikoma({"load", "mine", "--context", "1024", "--json"}).out)["data"];
  CHECK(data["key"].as_string() == "phi-3-mini");
  CHECK(data["applied"]["context_length"].as_integer() == 1024);
  CHECK(data["applied"]["threads"].as_integer() == 3);
}

TEST_CASE("a setting that is not in effect is a warning with the reason", "[cli][load]") {
  const Simulator simulator("faults: [{when: {route: /system}, kind: status, status: 403}]\n");
  const Shell shell(config_for(simulator));
  const Finished loaded =
      shell.tachikoma({"load", "phi-3-mini", "--context", "2048", "--mlock", "--threads", "4"});
  CHECK(loaded.exit_code == 0);
  CHECK(loaded.out == "lmstudio::phi-3-mini\n");
  check_golden("cli/load_unapplied.txt",
               replace_all(without_times(loaded.err), simulator.base_url(), "BASE_URL"));
}

TEST_CASE("what can't be loaded is told with its own exit code", "[cli][load]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator));
  std::string said;
  const auto refused = [&](const std::vector<std::string>& words, int code) {
    const Finished failed = shell.tachikoma(words);
    INFO(words[1] << ": " << failed.err);
    CHECK(failed.exit_code == code);
    CHECK(failed.out.empty());
    std::string line = "$ tachikoma";
    for (const std::string& word : words) line += " " + word;
    said += line + "\n" + failed.err + "\n";
  };
  refused({"load", "mixtrol-8x7b"}, 6);
  refused({"load", "huge"}, 7);
  refused({"load", "mixtral-8x7b", "--split-mode", "row"}, 1);
  refused({"unload", "mixtral-8x7b"}, 6);
  check_golden("cli/load_errors.txt", replace_all(said, simulator.base_url(), "BASE_URL"));
}

TEST_CASE("a context that does not fit is reduced, each step told", "[cli][load]") {
  const Simulator simulator("memory: 45GB\n");
  const Shell shell(config_for(simulator));
  const Finished loaded =
      shell.tachikoma({"load", "mixtral-8x7b", "--context", "32768", "--reduce-context", "0.5"});
  INFO(loaded.err);
  CHECK(loaded.exit_code == 0);
  check_golden("cli/load_reduced.txt", without_times(loaded.err));
}

TEST_CASE("load --estimate-only prints what it would take and loads nothing", "[cli][load]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator));
  const std::vector<std::string> before = loaded_on(simulator);
  const Finished fits = shell.tachikoma({"load", "mixtral-8x7b", "--estimate-only", "--context", "16384"});
  CHECK(fits.exit_code == 0);
  CHECK(fits.err.empty());
  check_golden("cli/estimate.txt", fits.out);

  const Finished too_large = shell.tachikoma({"load", "huge", "--estimate-only"});
  CHECK(too_large.exit_code == 7);
  CHECK_THAT(too_large.out, ContainsSubstring("no"));
  CHECK_THAT(too_large.err, ContainsSubstring("'huge' does not fit"));

  const Finished as_json = shell.tachikoma({"load", "mixtral-8x7b", "--estimate-only", "--json"});
  const Value whole = json_of(as_json.out);
  CHECK(whole["kind"].as_string() == "estimate");
  CHECK(whole["data"]["total_bytes"]["value"].as_integer() > 24'000'000'000);
  CHECK(whole["data"]["total_bytes"]["source"].as_string() == "estimated");
  CHECK(whole["data"]["fits"].as_bool());
  CHECK(loaded_on(simulator) == before);
}

TEST_CASE("load --estimate-only of a file tells each part that it knows", "[cli][load]") {
  const GgufFolder files;
  GgufWriter model;
  model.add("general.architecture", "llama");
  model.add("llama.block_count", 1u);
  model.add("llama.context_length", 4096u);
  model.add("llama.embedding_length", 64u);
  model.add("llama.attention.head_count", 4u);
  model.add_tensor("blk.0.attn_k.weight", 64, 64, {});
  files.add("seer.gguf", model, "token_embd.weight", 64);
  files.add_projector("mmproj-seer.gguf");
  const Shell shell("providers: {local: {plugin: llamacpp, server: ./none, models_dir: '" +
                    files.folder.string() + "'}}\n");
  const Finished whole = shell.tachikoma({"load", "seer", "--estimate-only", "--gpu-layers", "1"});
  INFO(whole.err);
  CHECK(whole.exit_code == 0);
  check_golden(
      "cli/estimate_of_file.txt",
      std::regex_replace(whole.out, std::regex("[0-9.]+ [kMG]B of RAM are free"), "… of RAM are free"));
  const Finished as_json = shell.tachikoma({"load", "seer", "--estimate-only", "--json"});
  const Value data = json_of(as_json.out)["data"];
  CHECK(data["compute_max_bytes"]["value"].as_integer() > data["compute_min_bytes"]["value"].as_integer());
  CHECK(data["projector_bytes"]["value"].as_integer() > 0);
  CHECK(data["vram_bytes"]["source"].as_string() == "unknown");
}

TEST_CASE("^C ends a load on the server too, with exit 130", "[cli][load][signal]") {
  const Simulator simulator(kSlow);
  const Shell shell(config_for(simulator));
  const std::string errors = (shell.folder().path() / "errors").string();
  Process loading(with_errors_in(shell.command({"load", "slow"}), errors));
  simulator.wait_for([](const Value& state) { return !last_seen(state, "/llm/loadModel").is_null(); });
  loading.signal(SIGINT);
  CHECK(loading.wait() == 130);
  CHECK(read_file(errors) == "tachikoma: loading slow\n");
  const Value state = simulator.wait_for([](const Value& seen) {
    return last_seen(seen, "/llm/loadModel")["outcome"].as_string() == "stopped";
  });
  CHECK(state["loaded"].elements().empty());
}

TEST_CASE("ps shows what is in memory and what it is doing", "[cli][ps]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator, kParrot));
  REQUIRE(shell.tachikoma({"load", "phi-3-mini", "--context", "2048", "--ttl", "1h", "--identifier", "mine"})
              .exit_code == 0);
  const Finished shown = shell.tachikoma({"ps"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.err.empty());
  check_golden("cli/ps.txt", without_moments(shown.out));
}

TEST_CASE("ps --json has every number with its source", "[cli][ps][json]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator, kParrot));
  REQUIRE(shell.tachikoma({"load", "phi-3-mini", "--context", "2048", "--ttl", "1h", "--threads", "3"})
              .exit_code == 0);
  const Value whole = json_of(shell.tachikoma({"ps", "--json"}).out);
  CHECK(whole["kind"].as_string() == "ps");
  CHECK(whole["data"]["failures"].elements().empty());
  Value model;
  for (const Value& each : whole["data"]["models"].elements())
    if (each["key"].as_string() == "phi-3-mini") model = each;
  CHECK(model["address"].as_string() == "lmstudio::phi-3-mini");
  CHECK(model["state"].as_string() == "loaded");
  CHECK(model["context_length"]["value"].as_integer() == 2048);
  CHECK(model["context_length"]["source"].as_string() == "reported");
  CHECK(model["ttl"]["value"].as_real() == 3600);
  CHECK(model["queued"]["value"].as_integer(-1) == 0);
  CHECK(model["config"]["threads"].as_integer() == 3);
  CHECK_FALSE(model["memory_bytes"]["basis"].as_string().empty());
}

TEST_CASE("unload removes an instance, all instances of a model, or everything", "[cli][unload]") {
  const Simulator simulator(kSlow);
  const Shell shell(config_for(simulator, kParrot));
  for (const char* const name : {"a", "b", "c"})
    REQUIRE(shell.tachikoma({"load", "quick", "--identifier", name}).exit_code == 0);
  CHECK(shell.tachikoma({"unload", "b"}).out == "lmstudio::b\n");
  CHECK(loaded_on(simulator) == std::vector<std::string>{"a", "c"});

  const Value data = json_of(shell.tachikoma({"unload", "lmstudio::quick", "--json"}).out)["data"];
  CHECK(data["instances"].elements().size() == 2);
  CHECK(data["instances"].elements().at(0)["provider"].as_string() == "lmstudio");
  CHECK(loaded_on(simulator).empty());

  REQUIRE(shell.tachikoma({"load", "quick"}).exit_code == 0);
  const Finished all = shell.tachikoma({"unload", "--all"});
  CHECK(all.exit_code == 0);
  CHECK(all.out == "lmstudio::quick\n");
  CHECK(loaded_on(simulator).empty());

  const Finished none = shell.tachikoma({"unload", "--all"});
  CHECK(none.exit_code == 0);
  CHECK(none.out.empty());
  CHECK(none.err == "tachikoma: no model was in memory on a server that manages models\n");
  CHECK(shell.tachikoma({"ps"}).err == "tachikoma: no model is in memory on a server that manages models\n");
}

TEST_CASE("a server that can't be asked is told of, and the others are shown", "[cli][ps]") {
  const std::string dead = Simulator().base_url();
  const Simulator simulator;
  const Shell shell(config_for(simulator, "  gone: {plugin: lmstudio, base_url: '" + dead + "'}\n"));
  const Finished shown = shell.tachikoma({"ps"});
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("lmstudio::mistral-7b"));
  CHECK_THAT(shown.err, StartsWith("tachikoma: gone: "));

  const Shell alone("providers:\n  gone: {plugin: lmstudio, base_url: '" + dead + "'}\n");
  CHECK(alone.tachikoma({"ps"}).exit_code == 4);
  CHECK(alone.tachikoma({"unload", "--all"}).exit_code == 4);
  CHECK(alone.tachikoma({"load", "mistral-7b"}).exit_code == 4);
}

TEST_CASE("a provider that manages no models says so", "[cli][load]") {
  const Shell shell(kEchoes);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"load", "alpha"}, {"unload", "alpha"}, {"download", "one::alpha"}}) {
    INFO(words[0]);
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.exit_code == 1);
    CHECK(refused.out.empty());
    CHECK_THAT(refused.err, StartsWith("tachikoma: "));
  }
  CHECK(shell.tachikoma({"ps"}).exit_code == 0);
}

TEST_CASE("download fetches a model, and says when it was there", "[cli][download]") {
  const Simulator simulator(R"(models:
  - {key: mistral-7b, size: 4GB}
  - {key: ibm/granite-4-micro, size: 2GB, on_disk: false, download_time: 0ms}
)");
  const Shell shell(config_for(simulator));
  const Finished fetched = shell.tachikoma({"download", "ibm/granite-4-micro"});
  INFO(fetched.err);
  CHECK(fetched.exit_code == 0);
  CHECK(fetched.out == "lmstudio::ibm/granite-4-micro\n");
  CHECK_THAT(fetched.err, StartsWith("tachikoma: downloading ibm/granite-4-micro\n"));

  const Finished unknown = shell.tachikoma({"download", "nobody/nothing"});
  CHECK(unknown.exit_code == 6);
  CHECK_THAT(unknown.err, ContainsSubstring("hint: use its name in LM Studio's catalogue"));

  const Value data = json_of(shell.tachikoma({"download", "lmstudio::mistral-7b", "--json"}).out)["data"];
  CHECK(data["provider"].as_string() == "lmstudio");
  CHECK(data["name"].as_string() == "mistral-7b");
  CHECK(data["was_there"].as_bool());
}

TEST_CASE("with several servers a download says which one it is for", "[cli][download]") {
  const Shell shell(kEchoes);
  const Finished refused = shell.tachikoma({"download", "ibm/granite-4-micro"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err ==
        "tachikoma: 'ibm/granite-4-micro' does not say where to download it to\n"
        "  hint: name the provider, as in one::ibm/granite-4-micro\n");
}
