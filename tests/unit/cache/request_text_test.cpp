// SPDX-License-Identifier: MIT
#include "cache/request_text.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/load_settings.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/generation.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// Everything that `text_of` is given, in a form that a test can change.
struct AskedRequest {
  std::string provider = "lm";
  ResolvedModel model{.provider = "lm", .name = "m", .key = "m"};
  ChatRequest chat{
      .messages = {user("hi"),
                   {.role = Role::assistant, .tool_calls = {{"1", "f", "{}"}}, .reasoning = "r"},
                   tool_result("1", "42")},
      .tools = {{.name = "f", .description = "d", .parameters = Value::object({{"type", "object"}})}}};
  std::size_t max_steps = 8;
  std::string run_here = {};  // the tool

  std::string text() const {
    models::ResolvedTarget target;
    target.found = std::make_shared<const ResolvedModel>(model);
    return cache::text_of(
        {provider, target, chat, max_steps, [this](const std::string& tool) { return tool == run_here; }});
  }
};

using Change = std::function<void(AskedRequest&)>;
using Changes = std::vector<std::pair<std::string, Change>>;

// Two values that an empty setting may have.
std::pair<std::int64_t, std::int64_t> two(std::optional<std::int64_t>) { return {3, 4}; }
std::pair<double, double> two(std::optional<double>) { return {0.25, 0.2500001}; }
std::pair<bool, bool> two(std::optional<bool>) { return {false, true}; }
std::pair<std::string, std::string> two(std::optional<std::string>) { return {"a", "b"}; }
std::pair<std::string, std::string> two(std::string) { return {"a", "b"}; }
std::pair<std::vector<std::string>, std::vector<std::string>> two(std::vector<std::string>) {
  return {{"a", "b"}, {"b", "a"}};
}
std::pair<std::vector<LogitBias>, std::vector<LogitBias>> two(std::vector<LogitBias>) {
  return {{{1, 2}}, {{1, 3}}};
}
template <class Rep, class Period>
auto two(std::optional<std::chrono::duration<Rep, Period>>) {
  using Time = std::chrono::duration<Rep, Period>;
  return std::pair{Time(61), Time(62)};
}
std::pair<ReasoningEffort, ReasoningEffort> two(std::optional<ReasoningEffort>) {
  return {ReasoningEffort::none, ReasoningEffort::high};
}
std::pair<GpuLayers, GpuLayers> two(std::optional<GpuLayers>) {
  return {{.kind = GpuLayers::Kind::ratio, .ratio = 0.5}, {.kind = GpuLayers::Kind::ratio, .ratio = 0.501}};
}
std::pair<SplitMode, SplitMode> two(std::optional<SplitMode>) { return {SplitMode::layer, SplitMode::row}; }
std::pair<FlashAttention, FlashAttention> two(std::optional<FlashAttention>) {
  return {FlashAttention::off, FlashAttention::on};
}

template <class Member>
void add(Changes& changes, const std::string& name, GenerationSettings ChatRequest::*part, Member member) {
  const auto [one, other] = two(GenerationSettings().*member);
  for (const auto& value : {one, other})
    changes.emplace_back(name, [=](AskedRequest& asked) { asked.chat.*part.*member = value; });
}

Changes of_settings() {
  Changes changes;
  int settings = 0;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule&) {
    ++settings;
    add(changes, name, &ChatRequest::settings, member);
  });
  changes.emplace_back("extra", [](AskedRequest& asked) {
    asked.chat.settings.extra = Value::object({{"top_a", 0.5}});
  });
  // one that the list of all lacks is here and not there
  const auto [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, extra] = GenerationSettings();
  CHECK(settings == 16);
  return changes;
}

Changes of_load() {
  Changes changes;
  int settings = 0;
  base::for_each_load_field([&](const char* name, auto member) {
    ++settings;
    const auto [one, other] = two(LoadSettings().*member);
    for (const auto& value : {one, other})
      changes.emplace_back(std::string("load.") + name,
                           [=](AskedRequest& asked) { asked.model.load.*member = value; });
  });
  changes.emplace_back("load.tensor_split", [](AskedRequest& asked) {
    asked.model.load.tensor_split = {1, 2};
  });
  changes.emplace_back("load.tensor_split", [](AskedRequest& asked) {
    asked.model.load.tensor_split = {2, 1};
  });
  changes.emplace_back("load.extra", [](AskedRequest& asked) {
    asked.model.load.extra = Value::object({{"x", 1}});
  });
  const auto [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = LoadSettings();
  CHECK(settings == 22);
  return changes;
}

Changes of_messages() {
  Changes changes;
  const auto add = [&](const char* name, const std::function<void(std::vector<Message>&)>& change) {
    changes.emplace_back(name, [=](AskedRequest& asked) { change(asked.chat.messages); });
  };
  add("role", [](auto& messages) { messages[0].role = Role::system; });
  add("text", [](auto& messages) { messages[0].text = "hi "; });
  add("text", [](auto& messages) { messages[0].text = "h\xff"; });
  add("text", [](auto& messages) { messages[0].text = "h\xfe"; });
  add("call id", [](auto& messages) { messages[1].tool_calls[0].id = "2"; });
  add("call name", [](auto& messages) { messages[1].tool_calls[0].name = "g"; });
  add("call arguments", [](auto& messages) { messages[1].tool_calls[0].arguments = "{ }"; });
  add("another call", [](auto& messages) { messages[1].tool_calls.push_back({"2", "f", "{}"}); });
  add("reasoning", [](auto& messages) { messages[1].reasoning = "s"; });
  add("tool_call_id", [](auto& messages) { messages[2].tool_call_id = "2"; });
  add("image", [](auto& messages) { messages[0].images = {{"image/png", "a"}}; });
  add("image's bytes", [](auto& messages) { messages[0].images = {{"image/png", "b"}}; });
  add("image's type", [](auto& messages) { messages[0].images = {{"image/jpeg", "a"}}; });
  add("two images", [](auto& messages) { messages[0].images = {{"image/png", "a"}, {"image/png", "b"}}; });
  add("extra", [](auto& messages) { messages[0].extra = Value::object({{"name", "x"}}); });
  add("another message", [](auto& messages) { messages.push_back(user("hi")); });
  add("one message for two", [](auto& messages) { messages = {user("hi" + messages[2].text)}; });
  add("the order", [](auto& messages) { std::swap(messages[0], messages[2]); });
  return changes;
}

Changes of_the_rest() {
  const auto parameters = [](Value value) {
    return [value](AskedRequest& asked) { asked.chat.tools[0].parameters = value; };
  };
  return {
      {"provider", [](auto& asked) { asked.provider = "other"; }},
      {"model's name", [](auto& asked) { asked.model.name = "m:2"; }},
      {"model's key", [](auto& asked) { asked.model.key = "n"; }},
      {"no tools", [](auto& asked) { asked.chat.tools.clear(); }},
      {"tool's name", [](auto& asked) { asked.chat.tools[0].name = "g"; }},
      {"tool's description", [](auto& asked) { asked.chat.tools[0].description = "e"; }},
      {"tool's parameters", parameters(Value::object({{"type", "string"}}))},
      {"a number", parameters(Value::object({{"type", 1}}))},
      {"true", parameters(Value::object({{"type", true}}))},
      {"null", parameters(Value::object({{"type", Value()}}))},
      {"a list", parameters(Value::object({{"type", Value::array({"object"})}}))},
      {"a tool that is run here", [](auto& asked) { asked.run_here = "f"; }},
      {"automatic", [](auto& asked) { asked.chat.tool_choice = ToolChoice{}; }},
      {"required", [](auto& asked) { asked.chat.tool_choice = ToolChoice{ToolChoice::Mode::required}; }},
      {"named f",
       [](auto& asked) {
         asked.chat.tool_choice = ToolChoice{ToolChoice::Mode::named, "f"};
       }},
      {"named g",
       [](auto& asked) {
         asked.chat.tool_choice = ToolChoice{ToolChoice::Mode::named, "g"};
       }},
      {"parallel", [](auto& asked) { asked.chat.parallel_tool_calls = true; }},
      {"not parallel", [](auto& asked) { asked.chat.parallel_tool_calls = false; }},
      {"schema",
       [](auto& asked) {
         asked.chat.response_schema = Value::object({{"type", "object"}});
       }},
      {"another schema",
       [](auto& asked) {
         asked.chat.response_schema = Value::object({{"type", "array"}});
       }},
      {"max_steps", [](auto& asked) { asked.max_steps = 9; }},
  };
}

}  // namespace

TEST_CASE("requests that differ in any one thing never share an answer", "[cache]") {
  std::map<std::string, std::string> seen{{AskedRequest().text(), "nothing changed"}};
  for (const Changes& changes : {of_settings(), of_load(), of_messages(), of_the_rest()})
    for (const auto& [name, change] : changes) {
      AskedRequest asked;
      change(asked);
      const auto [other, is_new] = seen.emplace(asked.text(), name);
      INFO(name << " and " << other->second);
      CHECK(is_new);
      AskedRequest again;
      change(again);
      CHECK(again.text() == asked.text());
    }
  CHECK(seen.size() > 100);
}

TEST_CASE("whoever asks for the same shares an answer, however the members of its JSON are arranged",
          "[cache]") {
  AskedRequest one, other;
  one.chat.response_schema = Value::object({{"a", 1}, {"b", Value::object({{"c", 2}, {"d", 3}})}});
  other.chat.response_schema = Value::object({{"b", Value::object({{"d", 3}, {"c", 2}})}, {"a", 1}});
  CHECK(one.text() == other.text());
  other.chat.model = "as the server names it now";
  CHECK(one.text() == other.text());
}

TEST_CASE(
    "what is there of an application's request is a part of a cached one, or is known to change no answer",
    "[cache]") {
  // a new member does not compile here: let `text_of` have it if an answer may depend on it
  const auto [model, messages, tools, tool_rules, tool_choice, parallel_tool_calls, settings, use, stop] =
      TextRequest();
  // of these, only the number of steps has to do with an answer that no tool was run for
  const auto [max_steps, max_parallel, time_limit, approve] = tool_rules;
  CHECK(max_steps == 8);
}

TEST_CASE("another file at the place of a model is another model", "[cache]") {
  const TempDir folder;
  AskedRequest asked;
  asked.model.key = folder.write("m.gguf", "one");
  const std::string before = asked.text();
  CHECK(asked.text() == before);
  folder.write("m.gguf", "another");
  CHECK(asked.text() != before);
}
