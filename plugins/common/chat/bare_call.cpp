// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <string_view>

#include "common/chat/call_names.hpp"
#include "common/chat/unparsed_tool_call.hpp"

namespace tachikoma::kit {
namespace {

// A call has its name near its start; beyond this a text is an answer.
constexpr std::size_t kMaxCallHead = 4096;
// What a call may start with.
constexpr std::string_view kKeys[] = {"name", "type", "function", "id", "arguments", "parameters"};
constexpr std::string_view kFences[] = {"```json", "```tool", "```python"};

// Reads tokens from the start of a text that may continue.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() {
    rest_ = rest_.substr(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    return rest_.empty();
  }
  bool take(char c) {
    if (at_end() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A quoted text without escapes; at the end of the input it may be a part of one.
  bool take_text(std::string_view& text) {
    if (!take('"')) return false;
    const std::size_t end = std::min(rest_.find_first_of("\"\\"), rest_.size());
    text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return true;
  }
  std::string_view take_name() {
    at_end();
    std::size_t size = 0;
    while (size < rest_.size() && is_call_name(rest_.substr(size, 1))) ++size;
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return name;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

BareCall judge_tool(std::string_view name, bool whole, std::span<const ToolSpec> tools) {
  if (whole) return find_tool(tools, name) ? BareCall::yes : BareCall::no;
  const bool may = std::any_of(tools.begin(), tools.end(), [&](const ToolSpec& tool) {
    return std::string_view(tool.name).starts_with(name);
  });
  return may ? BareCall::unknown : BareCall::no;
}

// Behind `{`: {"name": "add" …
BareCall judge_object(Scanner scanner, std::span<const ToolSpec> tools) {
  if (scanner.at_end()) return BareCall::unknown;
  std::string_view key;
  if (!scanner.take_text(key)) return BareCall::no;
  const auto begins = [&](std::string_view word) { return word.starts_with(key); };
  if (std::none_of(std::begin(kKeys), std::end(kKeys), begins)) return BareCall::no;
  if (!scanner.take('"')) return scanner.at_end() ? BareCall::unknown : BareCall::no;
  if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) return BareCall::no;
  if (key != "name") {
    constexpr std::string_view kName = "\"name\"";
    const std::string_view head = scanner.rest().substr(0, kMaxCallHead);
    const std::size_t at = head.find(kName);
    if (at == std::string_view::npos) return head.size() < kMaxCallHead ? BareCall::unknown : BareCall::no;
    scanner = Scanner(scanner.rest().substr(at + kName.size()));
  }
  if (scanner.at_end()) return BareCall::unknown;
  if (!scanner.take(':')) return BareCall::no;
  if (scanner.at_end()) return BareCall::unknown;
  std::string_view name;
  if (!scanner.take_text(name)) return BareCall::no;
  const bool whole = scanner.take('"');
  return whole || scanner.at_end() ? judge_tool(name, whole, tools) : BareCall::no;
}

}  // namespace

BareCall starts_bare_call(std::string_view text, std::span<const ToolSpec> tools) {
  Scanner scanner(trimmed(text));
  if (scanner.at_end()) return BareCall::unknown;
  if (scanner.rest().starts_with('`')) {
    constexpr std::string_view kFence = "```";
    const std::size_t line = scanner.rest().find('\n');
    const std::string_view word = scanner.rest().substr(0, line);
    const auto begins = [&](std::string_view fence) { return fence.starts_with(word); };
    if (line == std::string_view::npos)
      return std::any_of(std::begin(kFences), std::end(kFences), begins) ? BareCall::unknown : BareCall::no;
    if (!word.starts_with(kFence)) return BareCall::no;
    scanner = Scanner(scanner.rest().substr(line));
    if (scanner.at_end()) return BareCall::unknown;
  }
  if (scanner.take('{')) return judge_object(scanner, tools);
  if (!scanner.take('[')) return BareCall::no;
  if (scanner.at_end()) return BareCall::unknown;
  if (scanner.take('{')) return judge_object(scanner, tools);
  const std::string_view name = scanner.take_name();
  if (name.empty()) return BareCall::no;
  const bool whole = scanner.take('(');
  return whole || scanner.at_end() ? judge_tool(name, whole, tools) : BareCall::no;
}

}  // namespace tachikoma::kit
