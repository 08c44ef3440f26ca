// SPDX-License-Identifier: MIT
// The kit is judged by the museum: each exhibit fails the check that was written for it, and no other.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "tachikoma/plugin_check.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kMuseum = TACHIKOMA_BINARY_DIR "/test-plugins/museum/";

/// An exhibit, and the check that it fails.
struct Exhibit {
  std::string plugin;
  std::string check;
  std::vector<std::string> only = {};  ///< of the table: all would take long
  bool hangs = false;
};

const std::vector<Exhibit>& exhibits() {
  static const std::vector<Exhibit> all{
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
      {"leaks_thread", "component.threads"},
      {"leaks_file", "component.files"},
      {"leaks_memory", "component.memory"},
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
    const std::vector<CheckResult> results = checked(kMuseum + exhibit.plugin + ".so", options);
    for (const CheckResult& each : results)
      if (each.status == CheckStatus::fail) failed.emplace(each.check.name);
    INFO(failures(results));
    CHECK(failed == std::set<std::string>{exhibit.check});
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
