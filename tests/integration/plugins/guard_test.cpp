// SPDX-License-Identifier: MIT
#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

PluginRegistry misbehaving(LogCallback log = nullptr) {
  PluginRegistry registry({}, std::move(log));
  registry.load(bad_plugin("misbehaves")).value();
  return registry;
}

}  // namespace

TEST_CASE("what a capability throws becomes a fault that names the call", "[plugins]") {
  PluginRegistry registry = misbehaving();
  auto provider = registry.make_provider("careless", {}, "mine").value();
  ManualCancellation never;
  auto* catalog = static_cast<ModelCatalog*>(provider->capability(ModelCatalog::kId));
  auto* health = static_cast<HealthCheck*>(provider->capability(HealthCheck::kId));
  REQUIRE(catalog);
  REQUIRE(health);
  CHECK(catalog->list_models({never, "1"}).error().message ==
        "provider 'mine': plugin fault: list_models() threw \"no list\"");
  const Error error = health->check_health({never, "2"}).error();
  CHECK_THAT(error.message,
             StartsWith("provider 'mine': plugin fault: check_health() threw a value of type 'std::"));
  CHECK_THAT(error.message, ContainsSubstring("basic_string"));
  CHECK_THAT(error.message, ContainsSubstring(" (2nd time)"));
  CHECK(error.code == ErrorCode::plugin_fault);
}

TEST_CASE("what managing models throws becomes a fault too, also in the middle", "[plugins]") {
  struct Sink final : LoadSink {
    double heard = 0;
    Flow on_progress(double fraction) override { return heard = fraction, Flow::proceed; }
    Flow on_notice(std::string_view) override { return Flow::proceed; }
  } sink;
  PluginRegistry registry = misbehaving();
  auto provider = registry.make_provider("careless", {}, "mine").value();
  ManualCancellation never;
  auto* models = static_cast<ModelManager*>(provider->capability(ModelManager::kId));
  REQUIRE(models);
  CHECK(models->load({.key = "any"}, sink, {never, "1"}).error().message ==
        "provider 'mine': plugin fault: load() threw \"half way\"");
  CHECK(sink.heard == 0.5);
  CHECK_THAT(models->unload("any", {never, "2"}).error().message,
             ContainsSubstring("unload() threw a value of type 'int'"));
}

TEST_CASE("a capability that the host does not know can't bypass the guard", "[plugins]") {
  PluginRegistry registry = misbehaving();
  auto provider = registry.make_provider("careless", {}, "mine").value();
  CHECK(provider->capability("acme.secret/1") == nullptr);
}

TEST_CASE("the text of a plugin's error is made fit to print", "[plugins]") {
  PluginRegistry registry = misbehaving();
  auto provider = registry.make_provider("careless", {}, "mine").value();
  const Error error = chat(*provider, {.model = "any", .messages = {}}).error();
  CHECK(error.code == ErrorCode::protocol);
  CHECK(error.message == "the server said '\xEF\xBF\xBD [31m'");
  CHECK(error.hint == "look at \xEF\xBF\xBD");
}

TEST_CASE("a component that can't be made whole is not made", "[plugins]") {
  PluginRegistry registry = misbehaving();
  CHECK(registry.make_provider("touchy", {}, "mine").error().message ==
        "provider 'mine': plugin fault: capability() threw \"don't ask\"");
  CHECK(registry.make_provider("nothing", {}, "mine").error().message ==
        "provider 'mine': plugin fault: factory() returned no provider (2nd time)");
  CHECK(registry.make_tool("nameless", {}, "mine").error().message ==
        "tool 'mine': plugin fault: spec() threw \"no name\" (3rd time)");
}

TEST_CASE("settings reach the factory, and its own error is passed on", "[plugins]") {
  PluginRegistry registry = misbehaving();
  const Error error = registry.make_provider("fails", Value::object({{"key", "abc"}}), "mine").error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message == "no key named 'abc'");
}

TEST_CASE("a monitor that throws at every event is reported, not at every event", "[plugins]") {
  LogLines log;
  PluginRegistry registry = misbehaving(log.callback());
  auto monitor = registry.make_monitor("loud", {}, "mine").value();
  for (int i = 0; i < 12; ++i) monitor->on_event({});
  CHECK(log.lines() ==
        std::vector<std::string>{
            "error mine: monitor 'mine': plugin fault: on_event() threw \"full\"",
            "error mine: monitor 'mine': plugin fault: on_event() threw \"full\" (10th time)"});
  CHECK(monitor->flush().error().message ==
        "monitor 'mine': plugin fault: flush() threw \"still full\" (13th time)");
}
