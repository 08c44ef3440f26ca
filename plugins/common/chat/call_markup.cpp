// SPDX-License-Identifier: MIT
#include "common/chat/call_markup.hpp"

#include <string>
#include <utility>

#include "base/json.hpp"
#include "common/chat/call_names.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kDsml = "｜DSML｜";

std::string without_prefixes(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find(kDsml, at)) != std::string::npos;) out.erase(at, kDsml.size());
  return out;
}

// A value without its line breaks: models put it on a line of its own.
std::string_view value_text(std::string_view text) {
  if (text.starts_with('\n')) text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool wants_text(const ToolSpec* tool, std::string_view parameter) {
  return tool && tool->parameters["properties"][parameter]["type"].as_string() == "string";
}

// Markup has no types: what is no text by the tool's schema is read as JSON, if it is JSON.
Value typed(std::string_view text, bool is_text) {
  if (is_text) return Value(text);
  const std::string_view word = trimmed(text);
  if (word == "True" || word == "False") return word == "True";
  if (word == "None") return nullptr;
  Result<Value> value = base::parse_json(word);
  return value ? *std::move(value) : Value(text);
}

// Reads markup from its start.
class MarkupReader {
 public:
  explicit MarkupReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return trimmed(rest_).empty(); }
  bool take(std::string_view word) {
    const std::string_view start = trimmed(rest_);
    if (!start.starts_with(word)) return false;
    rest_.remove_prefix(static_cast<std::size_t>(start.data() - rest_.data()) + word.size());
    return true;
  }
  // Everything up to the first of `ends`, which is taken if `takes`; false if there is none.
  bool until(std::initializer_list<std::string_view> ends, std::string_view& out, bool takes = true) {
    std::size_t first = std::string_view::npos, size = 0;
    for (std::string_view end : ends)
      if (const std::size_t at = rest_.find(end); at < first) {
        first = at;
        size = end.size();
      }
    if (first == std::string_view::npos) return false;
    out = rest_.substr(0, first);
    rest_.remove_prefix(first + (takes ? size : 0));
    return true;
  }
  std::string_view take_rest() { return std::exchange(rest_, {}); }

  // `<word=NAME>` or `<word name="NAME" …>`; `tag` is what else stands in it.
  bool open(std::string_view word, std::string_view& name, std::string_view& tag) {
    const MarkupReader before = *this;
    if (take("<") && take(word)) {
      if (take("=") && until({">"}, name)) return true;
      if (take("name=\"") && until({"\""}, name) && until({">"}, tag)) return true;
    }
    *this = before;
    return false;
  }

 private:
  std::string_view rest_;
};

bool read_parameters(MarkupReader body, const ToolSpec* tool, Value& arguments) {
  std::string_view key, tag, text;
  while (!body.at_end()) {
    tag = {};
    if (!body.open("parameter", key, tag)) return false;
    if (!body.until({"</parameter>"}, text) && !body.until({"<parameter"}, text, false))
      text = body.take_rest();
    const bool says_text = tag.find("string=\"true\"") != std::string_view::npos;
    arguments.set(trimmed(key), typed(value_text(text), says_text || wants_text(tool, trimmed(key))));
  }
  return true;
}

bool read_pairs(MarkupReader body, const ToolSpec* tool, Value& arguments) {
  std::string_view key, text;
  while (!body.at_end()) {
    if (!body.take("<arg_key>") || !body.until({"</arg_key>"}, key) || !body.take("<arg_value>"))
      return false;
    if (!body.until({"</arg_value>"}, text)) text = body.take_rest();
    arguments.set(trimmed(key), typed(value_text(text), wants_text(tool, trimmed(key))));
  }
  return true;
}

bool read_body(std::string_view body, const ToolSpec* tool, Value& arguments) {
  if (!trimmed(body).starts_with('{')) return read_parameters(MarkupReader(body), tool, arguments);
  Result<Value> value = base::parse_json(trimmed(body));
  if (!value || !value->is_object()) return false;
  arguments = *std::move(value);
  return true;
}

bool add(std::string_view name, const Value& arguments, std::vector<UnparsedToolCall>& calls) {
  if (!is_call_name(name)) return false;
  calls.push_back({.name = std::string(name), .arguments = base::to_json(arguments)});
  return true;
}

}  // namespace

bool add_markup(std::string_view text, std::span<const ToolSpec> tools,
                std::vector<UnparsedToolCall>& calls) {
  const std::string plain = without_prefixes(text);
  MarkupReader reader(plain);
  std::string_view name, tag, body;
  if (plain.find("<arg_key>") != std::string::npos) {
    Value arguments = Value::object();
    return reader.until({"<arg_key>"}, name, false) &&
           read_pairs(reader, find_tool(tools, trimmed(name)), arguments) &&
           add(trimmed(name), arguments, calls);
  }
  while (!reader.at_end()) {
    const bool opened = reader.open("function", name, tag) || reader.open("invoke", name, tag) ||
                        reader.open("tool_call", name, tag);
    if (!opened) return false;
    if (!reader.until({"</function>", "</invoke>", "</tool_call>"}, body)) body = reader.take_rest();
    Value arguments = Value::object();
    name = trimmed(name);
    if (!read_body(body, find_tool(tools, name), arguments) || !add(name, arguments, calls)) return false;
  }
  return !calls.empty();
}

}  // namespace tachikoma::kit
