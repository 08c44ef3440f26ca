// SPDX-License-Identifier: MIT
#include "common/chat/call_literals.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "common/chat/call_names.hpp"
#include "common/chat/json_text.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kQuotes[] = {"<escape>", "<|\"|>", "\"\"\"", "'''", "\"", "'"};
constexpr int kMaxDepth = 32;

// The name of a tool: without a namespace, and without the method that Llama 3 calls its built-in tools by.
std::string_view tool_name(std::string_view name, std::span<const ToolSpec> tools) {
  if (find_tool(tools, name)) return name;
  if (name.ends_with(".call")) name.remove_suffix(5);
  if (find_tool(tools, name)) return name;
  return name.substr(name.rfind('.') + 1);
}

// Reads from the start of a text what is written as code. What it can't read makes it fail.
class LiteralReader {
 public:
  LiteralReader(std::string_view text, std::span<const ToolSpec> tools) : rest_(text), tools_(tools) {}

  bool read_calls(std::vector<UnparsedToolCall>& calls) {
    const bool listed = take("[");
    do {
      if (listed && peek("]")) break;
      if (!read_call(calls)) return false;
    } while (take(",") || take(";") || (!at_end() && !peek("]")));
    return (!listed || take("]")) && at_end();
  }

 private:
  bool at_end() {
    skip();
    return rest_.empty();
  }
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }
  bool peek(std::string_view word) {
    skip();
    return rest_.starts_with(word);
  }
  bool take(std::string_view word) {
    if (!peek(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string_view take_word(std::string_view more = {}) {
    skip();
    std::size_t size = 0;
    while (size < rest_.size() && is_call_name(rest_.substr(size, 1)) &&
           ((rest_[size] != '.' && rest_[size] != ':' && rest_[size] != '/') ||
            more.find(rest_[size]) != std::string_view::npos))
      ++size;
    return std::exchange(rest_, rest_.substr(size)).substr(0, size);
  }

  bool read_call(std::vector<UnparsedToolCall>& calls) {
    const bool gemma = take("call:");
    const bool printed = !gemma && take("print(");
    const std::string_view name = take_word(".");
    Value arguments = Value::object();
    if (name.empty() || !take(gemma ? "{" : "(")) return false;
    if (!read_members(gemma ? ":" : "=", gemma ? "}" : ")", arguments, 0)) return false;
    if (printed && !take(")")) return false;
    calls.push_back({.name = std::string(tool_name(name, tools_)), .arguments = base::to_json(arguments)});
    return true;
  }

  bool read_members(std::string_view binds, std::string_view closing, Value& object, int depth) {
    while (!take(closing)) {
      std::string key;
      if (!read_text(key)) key = take_word();
      Value value;
      if (key.empty() || !take(binds) || !read_value(value, depth + 1)) return false;
      object.set(key, std::move(value));
      if (!take(",") && !peek(closing)) return false;
    }
    return true;
  }

  bool read_elements(Value& array, int depth) {
    Value::Array elements;
    while (!take("]")) {
      Value value;
      if (!read_value(value, depth + 1)) return false;
      elements.push_back(std::move(value));
      if (!take(",") && !peek("]")) return false;
    }
    array = Value(std::move(elements));
    return true;
  }

  bool read_value(Value& value, int depth) {
    if (depth > kMaxDepth) return false;
    if (std::string text; read_text(text)) {
      value = Value(text);
      return true;
    }
    if (take("[")) return read_elements(value, depth);
    if (take("{")) {
      value = Value::object();
      return read_members(":", "}", value, depth);
    }
    const std::string_view word = take_word("+.");
    if (word == "True" || word == "true") return value = true, true;
    if (word == "False" || word == "false") return value = false, true;
    if (word == "None" || word == "null") return value = nullptr, true;
    Result<Value> number = base::parse_json(word);
    if (!number || !number->is_number()) return false;
    value = *std::move(number);
    return true;
  }

  bool read_text(std::string& text) {
    skip();
    for (std::string_view quote : kQuotes) {
      if (!rest_.starts_with(quote)) continue;
      rest_.remove_prefix(quote.size());
      return read_until(quote, text);
    }
    return false;
  }

  bool read_until(std::string_view quote, std::string& text) {
    const bool escapes = quote.front() != '<';
    while (!rest_.empty()) {
      if (rest_.starts_with(quote)) {
        rest_.remove_prefix(quote.size());
        return true;
      }
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c != '\\' || !escapes) {
        text += c;
      } else if (!read_escape(text)) {
        return false;
      }
    }
    return false;
  }

  // Those of JSON, and what Python has besides: "\xe9", "\U0001f600".
  bool read_escape(std::string& text) {
    constexpr std::pair<char, char> kEscapes[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'},
                                                  {'f', '\f'}, {'a', '\a'}, {'v', '\v'}};
    constexpr std::pair<char, std::size_t> kNumbers[] = {{'u', 4}, {'U', 8}, {'x', 2}};
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    for (const auto& [letter, digits] : kNumbers) {
      if (c != letter) continue;
      const std::size_t read = append_numbered_character(text, rest_, digits);
      rest_.remove_prefix(read);
      return read > 0;
    }
    for (const auto& [letter, meaning] : kEscapes)
      if (c == letter) return text += meaning, true;
    text += c;
    return true;
  }

  std::string_view rest_;
  std::span<const ToolSpec> tools_;
};

}  // namespace

bool add_literals(std::string_view text, std::span<const ToolSpec> tools,
                  std::vector<UnparsedToolCall>& calls) {
  return LiteralReader(text, tools).read_calls(calls);
}

}  // namespace tachikoma::kit
