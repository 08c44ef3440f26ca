// SPDX-License-Identifier: MIT
// What a tool says it can do, and does.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/utf8.hpp"
#include "conformance/check.hpp"
#include "conformance/component_settings.hpp"
#include "conformance/listener.hpp"
#include "conformance/resources.hpp"
#include "schema/json_schema.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma::conformance {
namespace {

/// A tool, and arguments that fit it, as far as they can be made up.
struct Tried {
  Tool& tool;
  std::string name;  ///< "tool 'clock'"
  Value arguments;
};

/// One that is never destroyed: a tool may keep it.
CallContext new_context(CallCancellation* cancellation = new CallCancellation) {
  return {*cancellation, "check"};
}

template <class Judge>
Verdict each_tool(const Subject& subject, const Judge& judge) {
  return each<Tool>(subject, [&](const Candidate<Tool>& candidate) -> Verdict {
    calling("spec() of " + candidate.name());
    const Result<std::shared_ptr<Tool>> made = candidate.make();
    if (!made && made.error().code == ErrorCode::plugin_fault) return fail(made.error().message);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    const Result<Value> arguments = sample_of((*made)->spec().parameters, "/tmp");
    if (!arguments) return skip("no arguments can be made up for " + candidate.name());
    calling("call() of " + candidate.name());
    return judge(Tried{**made, candidate.name(), *arguments});
  });
}

Verdict describes_itself_rightly(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) -> Verdict {
    const ToolSpec spec = tried.tool.spec();
    if (!is_tool_name(spec.name)) return fail(tried.name + " has the name '" + spec.name + "'");
    if (spec.description.empty()) return fail(tried.name + " has no description");
    if (spec.parameters["type"].as_string() != "object")
      return fail("the parameters of " + tried.name + " are no schema of an object");
    const auto compiled = schema::JsonSchema::compile(spec.parameters);
    return compiled ? pass() : fail("the parameters of " + tried.name + ": " + compiled.error().message);
  });
}

Verdict describes_itself_alike(const Subject& subject) {
  return each<Tool>(subject, [](const Candidate<Tool>& candidate) -> Verdict {
    const auto host = candidate.make_host();
    const auto made = candidate.make_raw(*host);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    calling("spec() of " + candidate.name());
    const auto ask = [&] {
      return plugins::guarded(candidate.callee(), "spec", [&] { return Result<ToolSpec>((*made)->spec()); });
    };
    const Result<ToolSpec> first = ask(), second = ask();
    if (!first || !second) return fail((first ? second : first).error().message);
    const bool same = first->name == second->name && first->description == second->description &&
                      first->parameters == second->parameters;
    return same ? pass() : fail(candidate.name() + " describes itself in another way each time");
  });
}

Verdict judge_result(const std::string& name, const Result<Value>& result) {
  if (!result && result.error().code == ErrorCode::plugin_fault) return fail(result.error().message);
  return result || result.error().code != ErrorCode::internal ? pass()
                                                              : fail(name + ": " + in_words(result.error()));
}

Verdict runs(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) {
    return judge_result(tried.name, tried.tool.call(tried.arguments, new_context()));
  });
}

Verdict gives_utf8(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) {
    const Result<Value> result = tried.tool.call(tried.arguments, new_context());
    const std::string text = result ? to_json(*result) : std::string();
    const bool right =
        result && result->is_string() ? base::is_utf8(result->as_string()) : base::is_utf8(text);
    return right ? pass() : fail(tried.name + " gives text that is not UTF-8");
  });
}

// No model is asked whether it keeps to the schema; the host does that. A tool that survives without is
// safe when it is called by others, too.
Verdict survives_wrong_arguments(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) {
    Value twisted = Value::object();
    for (const Member& argument : tried.arguments.members())
      twisted.set(argument.key, argument.value.is_string() ? Value(-1) : Value("twisted"));
    Verdict all = pass();
    for (const Value& wrong : {Value(), Value::object(), twisted, Value::array({1, "two"})})
      all = both(all, judge_result(tried.name, tried.tool.call(wrong, new_context())));
    return all;
  });
}

Verdict runs_together(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) {
    const bool works = bool(tried.tool.call(tried.arguments, new_context()));
    std::atomic<std::size_t> failed = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&] {
        if (!tried.tool.call(tried.arguments, new_context())) ++failed;
      });
    for (std::thread& caller : callers) caller.join();
    if (!works || failed == 0) return pass();
    return fail("of 8 calls of " + tried.name + " at a time, " + std::to_string(failed) +
                " fail, though one alone does not");
  });
}

Verdict ends_if_tool_is_cancelled(const Subject& subject) {
  return each_tool(subject, [](const Tried& tried) {
    auto* const cancelled = new CallCancellation;
    cancelled->request(CancelReason::caller);
    calling("call() of " + tried.name + ", whose cancellation was requested");
    const auto start = std::chrono::steady_clock::now();
    (void)tried.tool.call(tried.arguments, new_context(cancelled));
    return std::chrono::steady_clock::now() - start <= kCancelBound
               ? pass()
               : fail(tried.name + " needs more than 0.7 s to return once it is cancelled");
  });
}

template <class Judge>
Verdict after_uses(const Subject& subject, const Judge& judge) {
  return each_tool(subject, [&](const Tried& tried) {
    const CallContext context = new_context();
    const Verdict verdict = judge([&] { (void)tried.tool.call(tried.arguments, context); });
    return verdict.status == CheckStatus::fail ? fail(tried.name + ": " + verdict.reason) : verdict;
  });
}

Verdict tool_leaves_no_threads(const Subject& subject) { return after_uses(subject, judge_threads); }
Verdict tool_leaves_no_memory(const Subject& subject) {
  return after_uses(subject, [](const std::function<void()>& use) { return judge_memory(use, "a call"); });
}

}  // namespace

std::span<const Check> tool_checks() {
  static constexpr std::array kChecks{
      Check{{"tool.spec", "its name, description and parameters are what servers take",
             "use up to 64 letters, digits, _ and - for the name, and a JSON Schema of an object"},
            "component.several",
            describes_itself_rightly},
      Check{{"tool.constant", "it describes itself alike each time",
             "make the description once, in the constructor"},
            "component.several",
            describes_itself_alike},
      Check{{"tool.called", "it can be called", "return an Error of code tool_failed; don't throw"},
            "tool.spec",
            runs},
      Check{{"tool.utf8", "what it gives is UTF-8", "convert or escape what may be something else"},
            "tool.called",
            gives_utf8},
      Check{{"tool.wrong_arguments", "arguments that don't fit do no harm",
             "read them by as_string() and the like, which give a fallback; or use make_tool"},
            "tool.called",
            survives_wrong_arguments},
      Check{{"tool.together", "it can be called by several threads at once",
             "guard what calls share with a mutex"},
            "tool.called",
            runs_together},
      Check{{"tool.cancelled", "a call that was cancelled ends within 0.7 s",
             "ask context.cancellation.requested() in loops, and before you wait"},
            "tool.called",
            ends_if_tool_is_cancelled},
      Check{{"tool.threads", "calls leave no thread running", "join the threads of a call before it returns"},
            "tool.called",
            tool_leaves_no_threads},
      Check{{"tool.memory", "calls leave no memory allocated",
             "hold memory by values, containers and unique_ptr"},
            "tool.threads",
            tool_leaves_no_memory},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
