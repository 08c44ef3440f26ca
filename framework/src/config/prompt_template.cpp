// SPDX-License-Identifier: MIT
#include "tachikoma/prompt_template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.hpp"
#include "config/host_schema.hpp"
#include "config/read_inference.hpp"
#include "config/schema_check.hpp"
#include "config/source_text.hpp"
#include "config/yaml_document.hpp"

namespace tachikoma {
namespace config {
namespace {

// A template in two parts, each with the text that it has in the file.
struct Parts {
  std::string head;  // YAML, with the lines of the file; empty: there is none
  std::string text;
};

bool is_yaml(std::string_view file) {
  return file.ends_with(".yaml") || file.ends_with(".yml") || file.ends_with(".json");
}

// The line at `at`, without its end, and where the next one starts.
std::pair<std::string_view, std::size_t> line_at(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {line, std::min(end + 1, text.size())};
}

Parts divided(std::string_view content) {
  constexpr std::string_view kMark = "---";
  content = without_byte_order_mark(content);
  const auto [first, start] = line_at(content, 0);
  if (first != kMark) return {{}, std::string(content)};
  for (std::size_t at = start; at < content.size();) {
    const auto [line, next] = line_at(content, at);
    // a comment in place of the mark: what is wrong is then told with the lines of the file
    if (line == kMark)
      return {"#\n" + std::string(content.substr(start, at - start)), std::string(content.substr(next))};
    at = next;
  }
  return {{}, std::string(content)};
}

Error of_template(const Problems& problems) {
  Error error = problems.to_error();
  error.hint = "docs/prompts.md says what a template may have";
  return error;
}

// What the mapping says; `prompt` is its text if it may have one.
Result<PromptTemplate> read_head(const std::string& text, const std::string& file, bool has_prompt) {
  Problems problems(file);
  std::optional<Node> root = parse_document(text, problems);
  if (!root || !problems.empty()) return of_template(problems);
  if (root->kind == Node::Kind::null && !has_prompt) return PromptTemplate{};
  if (root->kind != Node::Kind::map) {
    problems.add({root->at, {}, "expected a mapping with keys such as 'model', 'system' and 'temperature'"});
    return of_template(problems);
  }
  Value schema = host_schema_part("prompt-template");
  if (has_prompt)
    schema.set("required", Value::array({"prompt"}));
  else
    schema.find("properties")->erase("prompt");
  Checked checked = check_schema(*std::move(root), std::move(schema), {}, problems);
  if (!problems.empty()) return of_template(problems);
  const Value head = checked.take_typed();
  return PromptTemplate{.text = std::string(head["prompt"].as_string()),
                        .model = std::string(head["model"].as_string()),
                        .system = std::string(head["system"].as_string()),
                        .settings = read_inference(head["inference"])};
}

}  // namespace
}  // namespace config

Result<PromptTemplate> load_prompt_template(const std::string& file) {
  TACHIKOMA_TRY(const std::string content, config::read_source(file));
  if (config::is_yaml(file)) return config::read_head(content, file, true);
  config::Problems problems(file);
  if (!config::check_bytes(content, problems)) return config::of_template(problems);
  config::Parts parts = config::divided(content);
  PromptTemplate prompt;
  if (!parts.head.empty()) {
    TACHIKOMA_TRY(prompt, config::read_head(parts.head, file, false));
  }
  prompt.text = std::move(parts.text);
  return prompt;
}

std::string filled(const PromptTemplate& prompt, std::string_view input) {
  constexpr std::string_view kInput = "{{input}}";
  const std::string_view text = prompt.text;
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(kInput); at != std::string_view::npos; at = text.find(kInput, from)) {
    out.append(text.substr(from, at - from)).append(input);
    from = at + kInput.size();
  }
  out += text.substr(from);
  if (from > 0 || input.empty()) return out;
  out.erase(out.find_last_not_of(" \t\r\n") + 1);
  return out.empty() ? std::string(input) : out.append("\n\n").append(input);
}

}  // namespace tachikoma
