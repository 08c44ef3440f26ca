// SPDX-License-Identifier: MIT
// The verb `plugin check`, and what the program says when a plugin crashes.
#include <algorithm>
#include <csignal>
#include <string>

#include "async/cancellation.hpp"
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "tachikoma/plugin_call.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kMuseumFolder = TACHIKOMA_BINARY_DIR "/test-plugins/museum/";

/// Keeps what is being called when the first event comes.
struct CallAtEvent final : ChatSink {
  Flow on_event(const ChatEvent&) override {
    call = current_plugin_call();
    function = call.function;
    return Flow::stop;
  }
  PluginCall call;
  std::string function;
};

}  // namespace

TEST_CASE("plugin check is exit 0 when nothing failed and 10 when something did, with the reason and the fix",
          "[conformance][cli]") {
  const Shell shell;
  const Finished good = shell.tachikoma({"plugin", "check", kMuseumFolder + "good.so"});
  CHECK(good.exit_code == 0);
  CHECK(good.err.empty());
  CHECK_THAT(good.out, ContainsSubstring("pass  provider.answers ") && ContainsSubstring(" 0 failed, "));
  const Finished bad =
      shell.tachikoma({"plugin", "check", kMuseumFolder + "exits.so", "--only", "provider.answers"});
  CHECK(bad.exit_code == 10);
  CHECK_THAT(bad.out,
             ContainsSubstring("it ended the process, with exit code 0, in chat() of provider 'exhibit'; "
                               "return an Error"));
}

TEST_CASE("plugin check of what is no plugin, or with a check that does not exist, is an error",
          "[conformance][cli]") {
  const Shell shell;
  shell.folder().write("text.so", "no library");
  const Finished text = shell.tachikoma({"plugin", "check", "text.so"});
  CHECK(text.exit_code == 10);
  CHECK_THAT(text.out, ContainsSubstring("fail  file.note"));
  CHECK(shell.tachikoma({"plugin", "check", "absent.so"}).exit_code == 10);
  const Finished unknown = shell.tachikoma({"plugin", "check", "echo", "--only", "provder"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("'provider'"));
  CHECK(shell.tachikoma({"plugin", "check", "echo", "--settings", "absent.yaml"}).exit_code == 3);
  CHECK(shell.tachikoma({"plugin", "check", "echo", "--only", "file", "--junit", "no/such/folder.xml"})
            .exit_code == 2);
}

TEST_CASE("plugin check --json and --junit have every result", "[conformance][cli][json]") {
  const Shell shell;
  const Finished finished = shell.tachikoma({"plugin", "check", kMuseumFolder + "throws_int.so", "--only",
                                             "provider", "--json", "--junit", "r.xml"});
  CHECK(finished.exit_code == 10);
  const Value whole = json_of(finished.out);
  CHECK(whole["schema_version"].as_integer() == 1);
  CHECK(whole["kind"].as_string() == "plugin_check");
  const Value::Array& checks = whole["data"]["checks"].elements();
  CHECK(whole["data"]["failed"].as_integer() == 1);
  const auto failed = std::find_if(checks.begin(), checks.end(),
                                   [](const Value& each) { return each["status"].as_string() == "fail"; });
  REQUIRE(failed != checks.end());
  CHECK((*failed)["name"].as_string() == "provider.answers");
  CHECK_THAT(std::string((*failed)["reason"].as_string()), ContainsSubstring("threw a value of type 'int'"));
  CHECK((*failed)["hint"].is_string());
  const std::string xml = read_file(shell.folder().path() / "r.xml");
  CHECK_THAT(xml,
             ContainsSubstring("failures=\"1\"") && ContainsSubstring("name=\"provider.answers\"") &&
                 ContainsSubstring("<skipped message=\"it can't be tried while 'provider.answers' fails\">"));
  CHECK(shell.bash("python3 -c 'import xml.dom.minidom as m; m.parse(\"r.xml\")'").exit_code == 0);
}

TEST_CASE("when a plugin crashes, the program says what it was calling, and ends with the same signal",
          "[conformance][cli]") {
  const auto [exhibit, number, name] = GENERATE(table<std::string, int, std::string>(
      {{"segfaults", SIGSEGV, "SIGSEGV"}, {"aborts", SIGABRT, "SIGABRT"}}));
  const Shell shell("providers: {p: {plugin: exhibit}}\nplugins: {paths: [mine]}\n");
  shell.folder().write("mine/" + exhibit + ".so", read_file(kMuseumFolder + exhibit + ".so"));
  const Finished asked = shell.tachikoma({"ask", "-m", "p::parrot", "Hello"});
  CHECK(asked.exit_code == 128 + number);
  CHECK(asked.err == "tachikoma: the program crashed (" + name +
                         ") while it called chat() of provider 'p' of plugin '" + exhibit +
                         "'; report it to the plugin's author\n");
}

TEST_CASE("the call of a plugin is known while it lasts, on its own thread", "[conformance]") {
  PluginRegistry registry({}, nullptr);
  REQUIRE(registry.load(kMuseumFolder + "good.so"));
  const auto provider = registry.make_provider("exhibit", Value::object(), "mine");
  REQUIRE(provider);
  CallAtEvent sink;
  CallCancellation never;
  REQUIRE((*provider)->chat({.model = "parrot", .messages = {{.text = "Hello"}}}, sink, {never, "test"}));
  CHECK(sink.function == "chat");
  CHECK(sink.call.plugin == "good");
  CHECK(sink.call.kind == "provider");
  CHECK(sink.call.component == "mine");
  CHECK(current_plugin_call().plugin.empty());
}
