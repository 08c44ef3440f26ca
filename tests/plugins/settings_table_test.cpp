// SPDX-License-Identifier: MIT
// docs/settings.md says what becomes of each setting; this is the proof.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "common/provider/llamacpp_token_count.hpp"
#include "lmstudio/provider.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::map<std::string, std::function<void(ChatRequest&)>> kSetters = {
    {"max_tokens", [](ChatRequest& r) { r.settings.max_tokens = 5; }},
    {"temperature", [](ChatRequest& r) { r.settings.temperature = 0.5; }},
    {"top_p", [](ChatRequest& r) { r.settings.top_p = 0.5; }},
    {"top_k", [](ChatRequest& r) { r.settings.top_k = 5; }},
    {"min_p", [](ChatRequest& r) { r.settings.min_p = 0.5; }},
    {"repeat_penalty", [](ChatRequest& r) { r.settings.repeat_penalty = 1.5; }},
    {"presence_penalty", [](ChatRequest& r) { r.settings.presence_penalty = 0.5; }},
    {"frequency_penalty", [](ChatRequest& r) { r.settings.frequency_penalty = 0.5; }},
    {"mirostat", [](ChatRequest& r) { r.settings.mirostat = 2; }},
    {"seed", [](ChatRequest& r) { r.settings.seed = 5; }},
    {"stop_sequences", [](ChatRequest& r) { r.settings.stop_sequences = {"x"}; }},
    {"logit_bias",
     [](ChatRequest& r) {
       r.settings.logit_bias = {{5, -100}};
     }},
    {"reasoning_effort", [](ChatRequest& r) { r.settings.reasoning_effort = ReasoningEffort::low; }},
    {"draft_model", [](ChatRequest& r) { r.settings.draft_model = "small"; }},
    {"ttl", [](ChatRequest& r) { r.settings.ttl = std::chrono::seconds(60); }},
    {"tool_choice",
     [](ChatRequest& r) {
       r.tool_choice = ToolChoice{ToolChoice::Mode::named, "now"};
     }},
    {"parallel_tool_calls", [](ChatRequest& r) { r.parallel_tool_calls = false; }},
    {"response_schema",
     [](ChatRequest& r) {
       r.response_schema = Value::object({{"type", "object"}});
     }},
    {"images",
     [](ChatRequest& r) {
       r.messages[0].images = {{"image/png", "x"}};
     }},
    {"streaming_buffer_size", [](ChatRequest& r) { r.settings.streaming_buffer_size = 5; }},
};

struct SettingRow {
  std::string setting, field, lmstudio, openai;
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream stream(line.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) {
    std::erase(cell, '`');
    const std::size_t first = cell.find_first_not_of(' ');
    out.push_back(cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return out;
}

std::vector<SettingRow> documented_rows() {
  std::istringstream page(read_file(TACHIKOMA_SOURCE_DIR "/docs/settings.md"));
  std::vector<SettingRow> rows;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::vector<std::string> cell = cells(line);
    rows.push_back({cell.at(0), cell.at(1), cell.at(2), cell.at(3)});
  }
  return rows;
}

// A server whose model "m" sees images and can reason a little.
JsonServer studio() {
  return JsonServer(
      {{"/api/v1/models",
        JsonReply{R"({"models":[{"type":"llm","key":"m","loaded_instances":[],"capabilities":{"vision":true,)"
                  R"("reasoning":{"allowed_options":["low","high"],"default":"low"}}}]})"}},
       {"/v1/chat/completions",
        JsonReply{R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"}}});
}

// What becomes of a request that differs from a plain one in `set` alone.
std::string fate(const std::string& plugin, const SettingRow& row,
                 const std::function<void(ChatRequest&)>& set) {
  const JsonServer server = studio();
  TestHost host;
  const Value settings = Value::object({{"base_url", server.url()}});
  const std::unique_ptr<Provider> provider =
      plugin == "lmstudio" ? lmstudio::LmStudio::make(settings, host).value()
                           : kit::make_server_provider<kit::TokenCountingProvider>(settings, host).value();
  ChatRequest request{.model = "m", .messages = {{Role::user, "Hi"}}, .tools = {{"now", "", {}}}};
  set(request);
  RecordingSink sink;
  TestCancellation cancellation;
  const Result<ChatOutcome> outcome = provider->chat(request, sink, {cancellation, "1"});
  if (!outcome) return outcome.error().code == ErrorCode::unsupported ? "refused" : describe(outcome.error());
  const Value body = base::parse_json(server.last_body("/v1/chat/completions")).value();
  if (!body.find(row.field)) return "the host's";
  return sink.lines.find("notice:") == std::string::npos ? "delivered" : "reported";
}

}  // namespace

TEST_CASE("what docs/settings.md says of each setting is so", "[settings]") {
  std::set<std::string> documented;
  for (const SettingRow& row : documented_rows()) {
    INFO(row.setting);
    documented.insert(row.setting);
    const auto setter = kSetters.find(row.setting);
    REQUIRE(setter != kSetters.end());
    CHECK(fate("lmstudio", row, setter->second) == row.lmstudio);
    CHECK(fate("openai", row, setter->second) == row.openai);
  }
  for (const auto& [setting, set] : kSetters) CHECK(documented.count(setting) == 1);
  for_each_generation_setting([&](const char* name, auto, const SettingRule&) {
    INFO(name);
    CHECK(documented.count(name) == 1);
  });
}
