// SPDX-License-Identifier: MIT
#include "plugin_support.hpp"

#include <cstdio>

#include "support/golden.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/plugin/note.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::testing {
namespace {

std::string hexadecimal(std::uint32_t number) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", number);
  return text;
}

}  // namespace

std::string bad_plugin(const std::string& name) {
  return std::string(TACHIKOMA_BINARY_DIR) + "/test-plugins/" + name + "/" + name + ".so";
}

std::string built_plugins() { return std::string(TACHIKOMA_BINARY_DIR) + "/plugins"; }

std::string describe_portably(const Error& error) {
  Value detail = error.detail;
  if (detail.find("built_with") && detail["built_with"] != Value("GNU 99.1"))
    detail.set("built_with", "<compiler>");
  if (detail.find("version") && detail["version"] != Value("0.4.0")) detail.set("version", "<version>");
  std::string text = std::string(to_string(error.code)) + "\n" + error.message + "\n" + error.hint + "\n" +
                     to_json(detail) + "\n";
  text = replace_all(text, TACHIKOMA_BINARY_DIR, "<build>");
  text = replace_all(text, hexadecimal(kLayout), "<layout>");
  text = replace_all(text, std::string("(") + kVersion + ")", "(<version>)");
  return replace_all(text, hexadecimal(kLayout ^ 1), "<other layout>");
}

LogCallback LogLines::callback() {
  return [this](Severity severity, std::string_view who, std::string_view text) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(to_string(severity)) + " " + std::string(who) + ": " + std::string(text));
  };
}

std::vector<std::string> LogLines::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

Flow Collector::on_event(const ChatEvent& event) {
  if (event.kind != ChatEvent::Kind::delta) return Flow::proceed;
  deltas.emplace_back(event.text);
  (event.channel == Channel::thinking ? thinking : text) += event.text;
  return deltas.size() < limit ? Flow::proceed : Flow::stop;
}

Result<ChatOutcome> chat(Provider& provider, ChatRequest request, Collector& sink) {
  ManualCancellation never;
  return provider.chat(request, sink, {never, "test-1"});
}

Result<ChatOutcome> chat(Provider& provider, ChatRequest request) {
  Collector sink;
  return chat(provider, std::move(request), sink);
}

}  // namespace tachikoma::testing
