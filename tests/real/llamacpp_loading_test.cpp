// SPDX-License-Identifier: MIT
// How a load by the llamacpp plugin goes, and how long what is loaded stays.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

// Half a gigabyte, which takes a server longer to read than the pause between two looks.
TinyModel heavy() { return {"heavy", {"--hollow", "--layers", "12", "--width", "1024"}}; }
const LoadSettings kSlowly{
    .context_length = 512, .use_mmap = false, .extra = Value::object({{"no-warmup", true}})};

}  // namespace

TEST_CASE("A load tells how far it is, in fractions that rise to one", "[real][llamacpp]") {
  const LaunchedWorld world({heavy()});
  Runtime runtime = world.open();
  std::vector<double> told;
  REQUIRE(runtime.load_model("heavy", kSlowly, [&](const LoadEvent& event) {
    if (event.notice.empty()) told.push_back(event.fraction);
    return Flow::proceed;
  }));
  REQUIRE(told.size() > 1);
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.front() > 0);
  CHECK(told.front() < 1);
  CHECK(told.back() == 1);
}

TEST_CASE("Who hears of a load and wants no more of it ends the server", "[real][llamacpp]") {
  const LaunchedWorld world({heavy()});
  Runtime runtime = world.open();
  std::vector<pid_t> seen;
  const auto stopped = runtime.load_model("heavy", kSlowly, [&](const LoadEvent&) {
    seen = world.servers();
    return Flow::stop;
  });
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == ErrorCode::cancelled);
  REQUIRE(seen.size() == 1);
  CHECK(is_gone(seen.front()));
  CHECK(runtime.loaded_models().models.empty());
}

TEST_CASE("A model that nobody used for its ttl is unloaded, and the next request loads it again",
          "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}, {"beta"}});
  Runtime runtime = world.open();
  const LoadedModel loaded = runtime.load_model("alpha", {.ttl = 1ms}).value();
  CHECK(loaded.applied.ttl == 1ms);
  CHECK(loaded.unapplied.empty());
  REQUIRE(runtime.load_model("beta"));
  CHECK(comes_true(20s, [&] { return world.servers().size() == 1; }));
  const std::vector<LoadedListing::Entry> left = runtime.loaded_models().models;
  REQUIRE(left.size() == 1);
  CHECK(left[0].status.key == "beta");
  CHECK(left[0].status.ttl.value == 0ms);
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
}

TEST_CASE("A model is in use as long as a request runs, however short its ttl", "[real][llamacpp]") {
  const LaunchedWorld world({talkative("alpha")});
  const std::string config = world.folder.write(
      "brief.yaml", world.text + "models: {brief: {provider: local, key: alpha, load: {ttl: 1ms}}}\n");
  Runtime runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  ModelStatus during;
  const auto look = [&](const Delta& delta) {
    if (!delta.text().empty() && during.key.empty()) during = runtime.model_status("alpha").value();
    return Flow::proceed;
  };
  const TextRequest request{.model = "brief", .messages = {user("Hello")}, .settings = {.max_tokens = 60}};
  CHECK(runtime.stream_text(request, look).value().usage.completion_tokens == 60);
  CHECK(during.ttl.value == 1ms);
  CHECK(during.extra["requests"].as_integer() == 1);
  CHECK(comes_true(20s, [&] { return world.servers().empty(); }));

  during = {};
  TextRequest longer = request;
  longer.settings.ttl = 1h;
  REQUIRE(runtime.stream_text(longer, look));
  CHECK(during.ttl.value == 1h);  // the request loaded it
  const ModelStatus after = runtime.model_status("alpha").value();
  CHECK(after.extra["requests"].as_integer() == 0);
  CHECK(after.last_used.value > during.last_used.value);
  CHECK(runtime.generate_text_future(longer).get());
  CHECK(comes_true(
      20s, [&] { return runtime.model_status("alpha").value().extra["requests"].as_integer() == 0; }));
}
