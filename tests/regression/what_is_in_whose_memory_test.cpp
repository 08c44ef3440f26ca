// SPDX-License-Identifier: MIT
// A request to LM Studio may be served by another machine, over its LM Link: figures of this machine's memory
// and GPUs were told for it. Settings were told as facts, and what a server does not say as "none".
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string studio_at(const Simulator& simulator) {
  return "providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}\n";
}

Value status_of(const Shell& shell, const std::string& key) {
  const Value listed = json_of(shell.tachikoma({"ps", "--json"}).out);
  for (const Value& model : listed["data"]["models"].elements())
    if (model["key"].as_string() == key) return model;
  return {};
}

constexpr char kLinked[] = R"(models:
  - {key: far, size: 4GB, loaded: true, device: studio-2}
  - {key: near, size: 2GB, loaded: true}
  - {key: far-huge, size: 4400GB, device: studio-2}
  - {key: near-huge, size: 4400GB}
)";

}  // namespace

TEST_CASE("a model that runs on a linked machine is told with it, and whose memory it takes", "[cli][ps]") {
  const Simulator simulator(kLinked);
  const Shell shell(studio_at(simulator));
  const Value far = status_of(shell, "far"), near = status_of(shell, "near");
  CHECK(far["device"].as_string() == "studio-2");
  CHECK(far["memory_bytes"]["basis"].as_string().ends_with("on the linked device 'studio-2'"));
  CHECK(far["total_layers"]["basis"].as_string() ==
        "LM Studio does not report it, and its file is on another machine");
  CHECK(near["device"].is_null());
  const std::string table = shell.tachikoma({"ps"}).out;
  CHECK_THAT(table, ContainsSubstring("RUNS ON"));
  CHECK_THAT(table, ContainsSubstring("studio-2"));
}

TEST_CASE("what is free here is not told of a load on another machine", "[cli][load]") {
  const Simulator simulator(kLinked);
  const Shell shell(studio_at(simulator));
  const auto detail_of = [&](const std::string& key) {
    return json_of(shell.tachikoma({"load", key, "--json"}).err)["error"]["detail"];
  };
  const Value near = detail_of("near-huge"), far = detail_of("far-huge");
  CHECK(near["required_bytes"].as_integer() > 4'000'000'000'000);
  CHECK(near["required_basis"].as_string() == "reported: the server's own estimate");
  CHECK(near["available_bytes"].as_integer() > 0);
  CHECK(near["available_basis"].as_string() ==
        "measured: /proc/meminfo of this machine: the RAM that is free");
  CHECK(far["required_bytes"].as_integer() > 4'000'000'000'000);
  CHECK(far["available_bytes"].is_null());
}

TEST_CASE("without a GPU no layers are on one, whatever the setting says", "[cli][ps]") {
  const Simulator simulator("vram: 0GB\nmodels: [{key: m, size: 2GB, loaded: true}]\n");
  const Shell shell(studio_at(simulator));
  const Value status = status_of(shell, "m");
  CHECK(status["gpu_layers"]["value"].as_integer() == 0);
  CHECK(status["gpu_layers"]["source"].as_string() == "reported");
  CHECK(status["gpu_layers"]["basis"].as_string() == "LM Studio's hardware survey: there is no GPU");
}

TEST_CASE("unload says what remains of the model, and load that it was there", "[cli][load][unload]") {
  const Simulator simulator("models: [{key: m, size: 2GB}]\n");
  const Shell shell(studio_at(simulator));
  REQUIRE(shell.tachikoma({"load", "m"}).exit_code == 0);
  CHECK_THAT(shell.tachikoma({"load", "m"}).err,
             ContainsSubstring("'m' was in memory already, as 'm'; it is loaded once more, as 'm:2'"));
  const Finished first = shell.tachikoma({"unload", "m:2"});
  CHECK(first.out == "lmstudio::m:2\n");
  CHECK(first.err == "tachikoma: still in memory: lmstudio::m\n");
  const Value last = json_of(shell.tachikoma({"unload", "m", "--json"}).out)["data"];
  CHECK(last["remaining"].elements().empty());
}

TEST_CASE("a server that does not say what is in memory is not said to have nothing there",
          "[cli][doctor][ps]") {
  const Simulator simulator;
  const Shell shell("providers:\n  local: {plugin: openai, base_url: '" + simulator.base_url() + "/v1'}\n");
  CHECK(shell.tachikoma({"ps"}).err == "tachikoma: 'local' does not say which models are in memory\n");
  CHECK(shell.tachikoma({"unload", "--all"}).err ==
        "tachikoma: 'local' does not say which models are in memory\n");
  CHECK(shell.tachikoma({"models", "--loaded"}).err ==
        "tachikoma: whether a model is loaded is not known: the servers don't say\n");
  const Finished doctor = shell.tachikoma({"doctor"});
  CHECK(doctor.exit_code == 0);
  CHECK_THAT(doctor.out, ContainsSubstring("unknown"));
  CHECK_THAT(doctor.out, ContainsSubstring("does not say whether"));
  CHECK(doctor.out.ends_with("nothing wrong was found; what is unknown could not be examined\n"));
  const Value told = json_of(shell.tachikoma({"doctor", "--json"}).out)["data"]["providers"].elements().at(0);
  CHECK(told["in_memory"].is_null());
  CHECK_FALSE(told["no_model"].as_string().empty());
}

TEST_CASE("each number that is not known has its reason in JSON", "[cli][json]") {
  const Simulator simulator;
  const Shell shell(studio_at(simulator));
  const Value listed = json_of(shell.tachikoma({"ps", "--json"}).out);
  for (const Value& model : listed["data"]["models"].elements())
    for (const Member& member : model.members()) {
      INFO(member.key);
      if (member.value["source"].as_string() == "unknown")
        CHECK_FALSE(member.value["basis"].as_string().empty());
    }
}
