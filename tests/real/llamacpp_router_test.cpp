// SPDX-License-Identifier: MIT
// The llamacpp plugin with a llama.cpp router that somebody else runs.
#include <csignal>
#include <filesystem>
#include <future>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "llamacpp/attached.hpp"
#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "real/llama_server.hpp"
#include "real/recording_proxy.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/test_host.hpp"
#include "support/user_session.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

std::string config_for(const TempDir& folder, int port) {
  return attached_config(folder, "base_url: 'http://127.0.0.1:" + std::to_string(port) + "'");
}

Runtime open_quietly(const std::string& config) {
  return Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
}

/// A router whose loads never end: each model gets a LoRA file that is a pipe in which nobody writes.
struct EndlessLoads {
  EndlessLoads()
      : router(LlamaServer::with_models({{"alpha"}, {"beta"}}, 1, {"--lora", silent_pipe(folder)})) {}
  TempDir folder;
  LlamaServer router;
};

}  // namespace

TEST_CASE("A router's models are listed, loaded with its progress, asked, shown and unloaded",
          "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}, {"beta"}}, 2, {"--metrics"});
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, router.port()));
  CHECK(runtime.provider("engine").value().health().value().server == "llama.cpp router");
  for (const ListedModel& each : runtime.models().list().models)
    CHECK(each.info.state == ModelState::not_loaded);

  std::vector<double> fractions;
  const LoadedModel model = runtime
                                .load_model("alpha", {.context_length = 512, .threads = 2},
                                            [&](const LoadEvent& event) {
                                              if (event.notice.empty()) fractions.push_back(event.fraction);
                                              return Flow::proceed;
                                            })
                                .value();
  CHECK(model.surface == "llama.cpp router");
  REQUIRE(fractions.size() > 1);  // more than the end: the router told
  CHECK(fractions.back() == 1);
  CHECK(router.state_of("alpha") == "loaded");
  REQUIRE(model.unapplied.size() == 2);
  CHECK(model.unapplied.at(0).name == "context_length");
  CHECK(model.unapplied.at(0).asked == Value(512));
  CHECK(model.unapplied.at(0).applied == Value(*model.applied.context_length));
  CHECK(model.unapplied.at(1).name == "threads");
  CHECK(model.unapplied.at(1).reason == "the router starts models with its own settings");

  CHECK(runtime.generate_text({.model = "beta", .messages = {user("Hello")}}));  // the router loads it
  std::set<std::string> in_memory;
  for (const LoadedListing::Entry& each : runtime.loaded_models().models) {
    in_memory.insert(each.status.key);
    CHECK(each.status.context_length.source == Source::reported);
    CHECK(each.status.queued.source == Source::reported);
  }
  CHECK(in_memory == std::set<std::string>{"alpha", "beta"});

  CHECK(runtime.unload_model("alpha").value() == std::vector<std::string>{"alpha"});
  CHECK(router.state_of("alpha") == "unloaded");
  CHECK(runtime.model_status("alpha").value().state == ModelState::not_loaded);
  CHECK(router.state_of("alpha") == "unloaded");  // to ask how it does does not load it
}

TEST_CASE("A router without events is followed by its list", "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}});
  const RecordingProxy proxy(router.port(), [](const std::string& reply) {
    if (reply.find("text/event-stream") == std::string::npos) return reply;
    return replace_all(reply, "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found");
  });
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, proxy.port()));
  std::vector<double> fractions;
  CHECK(runtime.load_model("alpha", {}, [&](const LoadEvent& event) {
    fractions.push_back(event.fraction);
    return Flow::proceed;
  }));
  CHECK(fractions == std::vector<double>{1});  // none is invented
  CHECK(runtime.unload_model("alpha"));
  CHECK(router.state_of("alpha") == "unloaded");
}

TEST_CASE("A router says why it can't load or unload, and the command line passes it on",
          "[real][llamacpp]") {
  LlamaServer router = LlamaServer::with_models({{"alpha"}, {"broken"}});
  std::filesystem::resize_file(router.model_file("broken"), 8000);
  const TempDir folder;
  const std::string config = config_for(folder, router.port());
  Runtime runtime = open_quietly(config);
  const Error failed = runtime.load_model("broken").error();
  CHECK(failed.code == ErrorCode::protocol);
  CHECK(failed.detail["exit_code"].as_integer() != 0);
  CHECK(failed.detail["command"].elements().size() > 2);
  CHECK(runtime.load_model("alpha"));

  std::string texts;
  const std::vector<std::vector<std::string>> all{{"load", "broken"},
                                                  {"ask", "-m", "broken", "Hello"},
                                                  {"load", "--gpu-layers", "3", "alpha"},
                                                  {"unload", "alpha"},
                                                  {"unload", "alpha"},
                                                  {"load", "alhpa"},
                                                  {"ps"}};
  for (const std::vector<std::string>& words : all) {
    texts += "$ tachikoma";
    for (const std::string& word : words) texts += ' ' + word;
    const Finished finished = run(cli(config, words));
    const std::string said =
        std::regex_replace(finished.err, std::regex("loaded in [0-9.]+ s"), "loaded in TIME");
    texts +=
        '\n' + replace_all(said, router.url(), "URL") + "exit " + std::to_string(finished.exit_code) + "\n\n";
  }
  check_golden("llamacpp/router.txt", texts);

  router.kill();
  CHECK(runtime.load_model("alpha").error().code == ErrorCode::unreachable);
  CHECK(runtime.generate_text({.model = "engine::alpha", .messages = {user("Hello")}}).error().code ==
        ErrorCode::unreachable);
}

TEST_CASE("What a router has not is neither loaded nor unloaded", "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}});
  TestHost host;
  TestCancellation cancellation;
  const CallContext context{cancellation, "1"};
  const auto provider =
      kit::make_server_provider<llamacpp::Attached>(Value::object({{"base_url", router.url()}}), host)
          .value();
  const auto manager = static_cast<ModelManager*>(provider->capability(ModelManager::kId));
  struct Sink final : LoadSink {
    Flow on_progress(double) override { return Flow::proceed; }
    Flow on_notice(std::string_view) override { return Flow::proceed; }
  } sink;
  const Error unloaded = manager->unload("alpha", context).error();
  CHECK(unloaded.code == ErrorCode::model_not_found);
  CHECK(unloaded.message == "'alpha' is not in memory");
  for (const Error& error :
       {manager->unload("alhpa", context).error(), manager->load({.key = "alhpa"}, sink, context).error()}) {
    CHECK(error.code == ErrorCode::model_not_found);
    CHECK(error.message == "the router at " + router.url() + " has no model 'alhpa'");
    CHECK(error.hint == "did you mean 'alpha'?");
  }
}

TEST_CASE("A load that is cancelled ends on the router too", "[real][llamacpp]") {
  const EndlessLoads world;
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, world.router.port()));
  std::stop_source stop;
  const Result<LoadedModel> cancelled = runtime.load_model(
      "alpha", {},
      [&](const LoadEvent&) {
        CHECK(world.router.state_of("alpha") == "loading");
        stop.request_stop();
        return Flow::proceed;
      },
      stop.get_token());
  CHECK(cancelled.error().code == ErrorCode::cancelled);
  CHECK(comes_true(20s, [&] { return world.router.state_of("alpha") == "unloaded"; }));
}

TEST_CASE("A model that others are loading is waited for, and left to them", "[real][llamacpp]") {
  const EndlessLoads world;
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, world.router.port()));
  Runtime other = open_quietly(config_for(folder, world.router.port()));
  std::stop_source enough;
  auto others = std::async(
      std::launch::async, [&] { return other.load_model("alpha", {}, {}, enough.get_token()).error().code; });
  REQUIRE(comes_true(20s, [&] { return world.router.state_of("alpha") == "loading"; }));
  std::string notice;
  const Result<LoadedModel> left = runtime.load_model("alpha", {}, [&](const LoadEvent& event) {
    notice = event.notice;
    return notice.empty() ? Flow::proceed : Flow::stop;
  });
  CHECK(left.error().code == ErrorCode::cancelled);
  CHECK(notice == "'alpha' was being loaded already: the router has each model once");
  CHECK(world.router.state_of("alpha") == "loading");
  CHECK(runtime.load_model("beta").error().code == ErrorCode::overloaded);
  enough.request_stop();
  CHECK(others.get() == ErrorCode::cancelled);
}

TEST_CASE("To ask how a model does that sleeps does not wake it; to load it does", "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}}, 1, {"--sleep-idle-seconds", "5"});
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, router.port()));
  REQUIRE(runtime.load_model("alpha"));
  const auto status = [&] { return runtime.model_status("alpha").value(); };
  REQUIRE(comes_true(20s, [&] { return router.state_of("alpha") == "sleeping"; }));
  CHECK(status().extra["sleeping"].as_bool());
  CHECK(status().activity.value == Activity::idle);
  CHECK(runtime.load_model("alpha"));
  CHECK_FALSE(status().extra["sleeping"].as_bool());
}

TEST_CASE("Two who load one model of a router both have it", "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}});
  const TempDir folder;
  Runtime one = open_quietly(config_for(folder, router.port()));
  Runtime two = open_quietly(config_for(folder, router.port()));
  auto first = std::async(std::launch::async, [&] { return one.load_model("alpha"); });
  CHECK(two.load_model("alpha"));
  CHECK(first.get());
}

TEST_CASE("A router that is killed during a load is an unreachable server", "[real][llamacpp]") {
  EndlessLoads world;
  const TempDir folder;
  Runtime runtime = open_quietly(config_for(folder, world.router.port()));
  bool killed = false;
  const Result<LoadedModel> lost = runtime.load_model("alpha", {}, [&](const LoadEvent&) {
    if (!std::exchange(killed, true)) world.router.kill();
    return Flow::proceed;
  });
  CHECK(lost.error().code == ErrorCode::unreachable);
}

TEST_CASE(
    "What one program's request has loaded on a router makes room for the next program's, and what a "
    "user has loaded does not",
    "[real][llamacpp]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}, {"beta"}}, 2);
  const TempDir folder;
  const UserSession session;
  const std::string config = folder.write(
      "tachikoma.yaml", "providers: {engine: {plugin: llamacpp, base_url: '" + router.base_url() +
                            "', timeouts: {load: 3s}}}\n"
                            "memory: {max_instances: 1}\n");
  const auto tachikoma = [&](std::vector<std::string> words) {
    Command made = cli(config, std::move(words));
    made.env.emplace_back("XDG_RUNTIME_DIR", session.folder().path().string());
    return run(made);
  };
  CHECK(tachikoma({"ask", "-m", "alpha", "Hello"}).exit_code == 0);
  CHECK(tachikoma({"ask", "-m", "beta", "Hello"}).exit_code == 0);
  CHECK(router.state_of("alpha") == "unloaded");
  CHECK(router.state_of("beta") == "loaded");
  CHECK(session.records().size() == 1);

  CHECK(tachikoma({"unload", "beta"}).exit_code == 0);
  CHECK(session.records().empty());
  CHECK(tachikoma({"load", "beta"}).exit_code == 0);
  const Finished late = tachikoma({"ask", "-m", "alpha", "Hello"});
  CHECK(late.exit_code == 8);  // it has waited for the place
  CHECK(router.state_of("beta") == "loaded");
}
