// SPDX-License-Identifier: MIT
// The kit is judged by the museum: each exhibit fails the check that was written for it, and no other.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin_check.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kBadPlugins = TACHIKOMA_BINARY_DIR "/test-plugins/";
const std::string kMuseum = kBadPlugins + "museum/";

/// An exhibit, and the check that it fails.
struct Exhibit {
  std::string plugin;  ///< in the museum, or with its folder in that of all bad plugins
  std::string check;
  std::vector<std::string> only = {};  ///< of the table: all would take long
  bool hangs = false;
};

const std::vector<Exhibit>& exhibits() {
  static const std::vector<Exhibit> all{
      {"no_note/no_note", "file.note"},
      {"other_layout/other_layout", "file.handshake"},
      {"undescribed", "file.described"},
      {"no_entry/no_entry", "load.opens"},
      {"registers_once", "load.twice"},
      {"stays", "load.unloads"},
      {"counts_nothing", "capability.tokenizer"},
      {"nameless_instance", "capability.loaded"},
      {"unloads_anything", "capability.unload"},
      {"unsourced_figure", "capability.survey"},
      {"nameless_finding", "capability.diagnosis"},
      {"exports_more", "symbols.exported"},
      {"lacks_function", "symbols.undefined"},
      {"linked_with_host", "symbols.libraries"},
      {"binds_late", "symbols.binding"},
      {"stack_of_code", "symbols.code"},
      {"lies_in_note", "load.registers"},
      {"loads_slowly", "load.cost", {"symbols", "load"}},
      {"starts_thread_early", "load.threads"},
      {"opens_file_early", "load.files"},
      {"schema_of_nobody", "schema.belongs"},
      {"schema_wrong", "schema.valid"},
      {"schema_open", "schema.strict"},
      {"schema_bad_default", "schema.defaults"},
      {"schema_phantom", "schema.required"},
      {"needs_more", "schema.honoured"},
      {"hangs_in_factory", "component.created", {}, true},
      {"throws_in_factory", "component.created"},
      {"hangs_in_destructor", "component.destroyed", {}, true},
      {"hangs_in_capability", "component.capability", {}, true},
      {"only_one", "component.several"},
      {"leaves_thread", "component.threads"},
      {"leaves_file", "component.files"},
      {"leaves_memory", "component.memory"},
      {"changes_folder", "process.folder"},
      {"changes_locale", "process.locale"},
      {"changes_umask", "process.umask"},
      {"catches_signals", "process.signals"},
      {"closes_streams", "process.streams"},
      {"sets_environment", "process.environment"},
      {"sets_handlers", "process.handlers"},
      {"prints", "process.output"},
      {"throws_int", "provider.answers"},
      {"aborts", "provider.answers"},
      {"segfaults", "provider.answers"},
      {"exits", "provider.answers"},
      {"never_returns", "provider.answers", {}, true},
      {"gives_no_reason", "provider.reason"},
      {"says_nothing", "provider.content"},
      {"cancels_itself", "provider.finish"},
      {"empty_deltas", "provider.events"},
      {"bad_utf8", "provider.utf8"},
      {"calls_from_threads", "provider.thread"},
      {"calls_late", "provider.returned"},
      {"writes_past", "provider.memory"},
      {"fears_silence", "provider.empty"},
      {"fears_length", "provider.large"},
      {"fears_bytes", "provider.strange"},
      {"expects_messages", "provider.nothing"},
      {"fears_tools", "provider.conversation"},
      {"refuses_silently", "provider.settings"},
      {"waits_when_cancelled", "conduct.cancelled_before"},
      {"ignores_cancellation", "conduct.cancelled"},
      {"waits_for_nobody", "conduct.cancelled_outside"},
      {"ignores_stop", "conduct.stopped"},
      {"one_at_a_time", "conduct.together"},
      {"call_leaves_thread", "conduct.threads"},
      {"call_leaves_file", "conduct.files"},
      {"call_leaves_memory", "conduct.memory"},
      {"lists_twice", "capability.catalog"},
      {"nameless_health", "capability.health"},
      {"too_few_vectors", "capability.embedder"},
      {"promises_too_much", "capability.promise"},
      {"tool_misnamed", "tool.spec"},
      {"tool_moody", "tool.constant"},
      {"tool_throws", "tool.called"},
      {"tool_binary", "tool.utf8"},
      {"tool_trusts", "tool.wrong_arguments"},
      {"tool_exclusive", "tool.together"},
      {"tool_deaf", "tool.cancelled"},
      {"tool_leaves_thread", "tool.threads"},
      {"tool_leaves_memory", "tool.memory"},
      {"monitor_throws", "monitor.events"},
      {"monitor_fears_length", "monitor.strange"},
      {"monitor_flush_throws", "monitor.flush"},
      {"monitor_moody", "monitor.content"},
      {"monitor_hoards", "monitor.memory"},
  };
  return all;
}

/// "name: reason" of each check that failed; and of each that was skipped without saying why.
std::string failures(const std::vector<CheckResult>& results) {
  std::string all;
  for (const CheckResult& each : results)
    if (each.status == CheckStatus::fail || (each.status == CheckStatus::skip && each.reason.empty()))
      all += std::string(each.check.name) + ": " + each.reason + "\n";
  return all;
}

std::vector<CheckResult> checked(const std::string& file, const CheckOptions& options = {}) {
  const Result<std::vector<CheckResult>> results = check_plugin(file, options);
  if (!results) FAIL(results.error().message);
  return *results;
}

}  // namespace

TEST_CASE("each exhibit of the museum fails the check that is for it, and no other", "[conformance]") {
  for (const Exhibit& exhibit : exhibits()) {
    INFO(exhibit.plugin);
    CheckOptions options{.only = exhibit.only};
    if (exhibit.hangs) options.limit = std::chrono::seconds(3);
    std::set<std::string> failed;
    const bool has_folder = exhibit.plugin.find('/') != std::string::npos;
    const std::string file = (has_folder ? kBadPlugins : kMuseum) + exhibit.plugin + ".so";
    const std::vector<CheckResult> results = checked(file, options);
    for (const CheckResult& each : results)
      if (each.status == CheckStatus::fail) failed.emplace(each.check.name);
    INFO(failures(results));
    CHECK(failed == std::set<std::string>{exhibit.check});
  }
}

TEST_CASE("every check has an exhibit that fails it", "[conformance]") {
  std::set<std::string> shown{"file.trusted"};  // no file of a repository can have that fault
  for (const Exhibit& exhibit : exhibits()) shown.insert(exhibit.check);
  std::set<std::string> checks;
  for (const PluginCheck& check : plugin_checks()) checks.emplace(check.name);
  CHECK(shown == checks);
}

TEST_CASE("a plugin that others may write fails the check of its file, and nothing of it is run",
          "[conformance]") {
  const TempDir folder;
  const std::string file = folder.write("good.so", read_file(kMuseum + "good.so"));
  std::filesystem::permissions(file, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  for (const CheckResult& each : checked(file)) {
    INFO(each.check.name);
    CHECK(each.status == (each.check.name == "file.trusted" ? CheckStatus::fail : CheckStatus::skip));
  }
}

TEST_CASE("what keeps its contract passes, and what it does not have is skipped with a reason",
          "[conformance]") {
  const std::vector<CheckResult> results = checked(kMuseum + "good.so");
  CHECK(failures(results) == "");
  CHECK(results.size() == plugin_checks().size());
}

TEST_CASE("the plugins that come with the program pass all checks", "[conformance]") {
  for (const std::string name :
       {"echo", "openai", "lmstudio", "llamacpp", "jsonl", "prometheus", "otlp", "sqlite_log"}) {
    INFO(name);
    CHECK(failures(checked(TACHIKOMA_BINARY_DIR "/plugins/" + name + ".so")) == "");
  }
}

TEST_CASE("a plugin of another compiler that keeps its contract passes as well", "[conformance]") {
  const std::string root = TACHIKOMA_SOURCE_DIR;
  const TempDir folder;
  const std::string note = folder.write(
      "note.cpp",
      "#include "
      "\"tachikoma/plugin/note.hpp\"\nTACHIKOMA_PLUGIN_NOTE(R\"({\"name\":\"good\",\"version\":\"1.0.0\","
      "\"provides\":[\"provider:exhibit\",\"tool:exhibit\",\"monitor:exhibit\"]})\");\n");
  const std::string exported = folder.write("good.map", "{ global: tachikoma_plugin_entry_0; local: *; };\n");
  const std::string plugin = (folder.path() / "good.so").string();
  const Finished built =
      run({.argv = {"clang++-14", "-std=c++20", "-shared", "-fPIC", "-fvisibility=hidden",
                    "-Wl,-z,now,-z,defs", "-Wl,--version-script=" + exported,
                    "-I" + root + "/framework/include", "-I" TACHIKOMA_BINARY_DIR "/include",
                    root + "/tests/fixtures/museum/good.cpp", note, "-o", plugin}});
  if (built.exit_code == 127) {
    WARN("SKIPPED: there is no clang++-14");
    return;
  }
  INFO(built.err);
  REQUIRE(built.exit_code == 0);
  CHECK(failures(checked(plugin)) == "");
}

TEST_CASE("only what is asked for is tried, and what that needs", "[conformance]") {
  const auto names = [](const std::vector<std::string>& only) {
    std::string all;
    for (const CheckResult& each : checked(kMuseum + "good.so", {.only = only}))
      all += std::string(each.check.name) + " ";
    return all;
  };
  CHECK(names({"file.note"}) == "file.trusted file.note ");
  CHECK(names({"symbols.code", "file"}) ==
        "file.trusted file.note file.handshake file.described symbols.code ");
  const auto unknown = check_plugin(kMuseum + "good.so", {.only = {"provider.anwsers"}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::invalid_argument);
  CHECK_THAT(unknown.error().hint, ContainsSubstring("provider.answers"));
}

TEST_CASE("a provider is checked with the settings of a file, and wrong ones are an error", "[conformance]") {
  const TempDir folder;
  const std::string echo = TACHIKOMA_BINARY_DIR "/plugins/echo.so";
  const auto check_with = [&](const std::string& settings) {
    return check_plugin(echo,
                        {.only = {"component.created"}, .settings_file = folder.write("s.yaml", settings)});
  };
  CHECK(failures(*check_with("provider:echo: {delay: 1ms}\nmonitor:echo: {file: '" +
                             (folder.path() / "log").string() + "'}\n")) == "");
  CHECK(check_with("provider:echo: {dealy: 1ms}\n").error().code == ErrorCode::config_invalid);
  CHECK(check_with("tool:other: {}\n").error().code == ErrorCode::config_invalid);
  CHECK(check_with("[1, 2").error().code == ErrorCode::config_invalid);
}

TEST_CASE("docs/plugin-check.md has a row for each check, as the table has it", "[conformance]") {
  std::string rows;
  for (const PluginCheck& check : plugin_checks())
    rows += "| `" + std::string(check.name) + "` | " + std::string(check.shows) + " | " +
            std::string(check.hint) + " |\n";
  const std::string page = read_file(TACHIKOMA_SOURCE_DIR "/docs/plugin-check.md");
  INFO("the rows must be:\n" << rows);
  CHECK(page.find(rows) != std::string::npos);
}
