// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("a configuration becomes typed settings", "[config]") {
  const Config config = check(R"(
providers:
  local:
    plugin: lmstudio
    base_url: http://localhost:1234/v1
    timeouts: {connect: 2s, first_token: 1h30m, total: 0}
    inference: {temperature: 0.5}
models:
  chat: {key: openai/gpt-oss-20b, context_length: 16384, gpu_layers: -1, top_k: 40, stop: [END, "\n"]}
defaults: {model: chat, inference: {max_tokens: 1e3}}
monitors:
  log: {plugin: echo, settings: {file: events.jsonl}}
verbose: yes
)")
                            .value();
  REQUIRE(config.providers.size() == 1);
  const ProviderConfig& provider = config.providers[0];
  CHECK(provider.id == "local");
  CHECK(provider.plugin == "lmstudio");
  CHECK(provider.settings["base_url"] == Value("http://localhost:1234/v1"));
  CHECK(provider.settings.find("timeouts") == nullptr);
  CHECK(provider.timeouts.connect == 2s);
  CHECK(provider.timeouts.first_token == 90min);
  CHECK(provider.timeouts.total == 0s);
  CHECK(provider.timeouts.between_tokens == 2min);
  CHECK(provider.inference.temperature == 0.5);
  REQUIRE(config.models.size() == 1);
  CHECK(config.models[0].provider == "local");
  CHECK(config.models[0].key == "openai/gpt-oss-20b");
  CHECK(config.models[0].load == LoadSettings{.context_length = 16384, .gpu_layers = GpuLayers::all()});
  CHECK(config.models[0].inference.top_k == 40);
  CHECK(config.models[0].inference.stop_sequences == std::vector<std::string>{"END", "\n"});
  CHECK(config.default_model == "chat");
  CHECK(config.default_inference.max_tokens == 1000);
  CHECK(config.verbose);
  CHECK(config.warnings.empty());
}

TEST_CASE("every error of a file is reported at once, with its place and the nearest key", "[config]") {
  CHECK(fault("providers:\n"
              "  local:\n"
              "    plugin: lmstudio\n"
              "    bse_url: x\n"
              "  b: {plugin: openia}\n"
              "verbos: 1\n") ==
        "test.yaml:4:5: providers.local: unknown key 'bse_url'; did you mean 'base_url'?\n"
        "test.yaml:5:15: providers.b: no plugin provides the provider 'openia'; did you mean 'openai'?\n"
        "test.yaml:6:1: unknown key 'verbos'; did you mean 'verbose'?");
}

TEST_CASE("a cassette is a file, or a file and how it is replayed", "[config][cassette]") {
  const Config config = check(R"(
providers:
  a: {plugin: lmstudio, record: /tapes/a.jsonl}
  b: {plugin: lmstudio, replay: /tapes/b.jsonl}
  c: {plugin: lmstudio, replay: {file: /tapes/c.jsonl, match: loose, timing: recorded}}
)")
                            .value();
  CHECK(config.providers[0].record == "/tapes/a.jsonl");
  CHECK_FALSE(config.providers[0].replay);
  CHECK(config.providers[0].settings.find("record") == nullptr);
  CHECK(config.providers[1].replay == ReplayConfig{.file = "/tapes/b.jsonl"});
  CHECK(config.providers[2].replay == ReplayConfig{.file = "/tapes/c.jsonl",
                                                   .match = ReplayConfig::Match::loose,
                                                   .timing = ReplayConfig::Timing::recorded});
}

TEST_CASE("a system prompt, a model for embeddings and an approved tool are read; a bad reference is told",
          "[config]") {
  const Config config = check(
                            "providers: {echo: {}}\nmodels: {kind: {key: a, system: Be kind}}\n"
                            "tools: {parrot: {plugin: echo, approved: true}, echo: {}}\n"
                            "defaults: {embedding_model: kind}\n")
                            .value();
  CHECK(config.models.at(0).system == "Be kind");
  CHECK(config.default_embedding_model == "kind");
  CHECK(config.tools.at(0).approved);
  CHECK(config.tools.at(0).settings.members().empty());
  CHECK_FALSE(config.tools.at(1).approved);
  CHECK(fault("providers: {echo: {}}\ndefaults: {embedding_model: 'eco::x'}\n") ==
        "test.yaml:2:29: defaults.embedding_model: there is no provider 'eco'; did you mean 'echo'?");
  CHECK_THAT(fault("providers: {echo: {}}\nmonitors: {m: {plugin: echo, approved: true}}\n"),
             ContainsSubstring("unknown key 'approved'"));
}
