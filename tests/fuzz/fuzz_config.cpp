// SPDX-License-Identifier: MIT
// The text of a configuration, YAML or JSON, checked against the schemas that our plugins bring. No file is
// read but those schemas, once.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "config/check_config.hpp"
#include "fuzz/expect.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

class PluginFolder final : public config::SchemaSource {
 public:
  PluginFolder() {
    add("provider:lmstudio", "lmstudio/schema.json");
    add("provider:openai", "openai/schema.json");
    add("provider:echo", "echo/provider.schema.json");
    add("tool:echo", "echo/tool.schema.json");
    add("monitor:echo", "echo/monitor.schema.json");
  }

  Result<PluginReport> find(std::string_view kind, std::string_view id) override {
    const auto found = reports_.find(std::string(kind) + ":" + std::string(id));
    if (found != reports_.end()) return found->second;
    return Error(ErrorCode::plugin_refused, "no plugin provides it");
  }

 private:
  void add(const std::string& component, const char* file) {
    std::ifstream stream(std::string(TACHIKOMA_SOURCE_DIR "/plugins/") + file);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    PluginReport report;
    report.name = component.substr(component.find(':') + 1);
    report.config_schema = Value::object({{component, base::parse_json(text).value()}});
    reports_[component] = std::move(report);
  }

  std::map<std::string, PluginReport> reports_;
};

void check_text(std::string_view text) {
  expect(base::is_utf8(text), "what people read is UTF-8");
  for (char c : text)
    expect(static_cast<unsigned char>(c) >= 0x20 || c == '\n', "what people read has no control character");
}

void check_refusal(const Error& error) {
  expect(error.code == ErrorCode::config_invalid || error.code == ErrorCode::plugin_refused,
         "a configuration is refused as one");
  expect(!error.message.empty(), "a refusal says why");
  check_text(error.message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static PluginFolder plugins;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Config> config = config::check_text(text, "/fuzz.yaml", plugins);
  if (!config) {
    check_refusal(config.error());
    return 0;
  }
  for (const std::string& warning : config->warnings) check_text(warning);
  const Result<Value> shown = base::parse_json(base::to_json(redacted(*config)));
  expect(bool(shown), "what is shown of a configuration is JSON");
  const Result<Config> again = config::check_config(config->effective, plugins, "again");
  if (!again) std::cerr << again.error().message << '\n';
  expect(bool(again), "a checked configuration passes its own check");
  expect_same(base::to_json(config->effective), base::to_json(again->effective),
              "a checked configuration means the same when it is checked again");
  return 0;
}
