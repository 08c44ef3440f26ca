// SPDX-License-Identifier: MIT
#include "generate/json_salvage.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "base/partial_json.hpp"

namespace tachikoma {
namespace {

constexpr std::size_t kMaxInOneText = 16;
constexpr std::string_view kFence = "```";

void add(std::vector<FoundJson>& found, std::string_view text, const std::string& notice) {
  if (Result<Value> value = base::parse_json(text)) found.push_back({*std::move(value), notice});
}

// The contents of ```json … ```, also of a fence that is never closed.
std::vector<std::string_view> fenced(std::string_view text) {
  std::vector<std::string_view> contents;
  std::size_t open = text.find(kFence);
  while (open != std::string_view::npos && contents.size() < kMaxInOneText) {
    const std::size_t line_end = text.find('\n', open);
    if (line_end == std::string_view::npos) break;
    const std::size_t close = text.find(kFence, line_end);
    contents.push_back(text.substr(line_end, close - line_end));
    open = close == std::string_view::npos ? close : text.find(kFence, close + kFence.size());
  }
  return contents;
}

std::vector<Value> embedded(std::string_view text) {
  std::vector<Value> values;
  std::optional<base::PartialJson> json(std::in_place);
  for (std::size_t i = 0; i < text.size() && values.size() < kMaxInOneText; ++i) {
    json->push(text.substr(i, 1));
    if (!json->complete()) continue;
    values.push_back(json->value());
    json.emplace();
  }
  return values;
}

void search(std::vector<FoundJson>& found, std::string_view text, const std::string& where) {
  const std::string in = where.empty() ? "" : " in " + where;
  const std::size_t before = found.size();
  if (too_deep(text)) return;
  add(found, text, where.empty() ? "" : "the answer had no JSON: it was taken from " + where);
  if (found.size() > before) return;
  for (const std::string_view content : fenced(text))
    add(found, content, "the JSON was taken out of a code fence" + in);
  for (Value& value : embedded(text))
    found.push_back({std::move(value), "the JSON was taken out of the text around it" + in});
}

}  // namespace

bool too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false, escaped = false;
  for (char c : text) {
    if (std::exchange(escaped, false)) continue;
    if (quoted) {
      escaped = c == '\\';
      quoted = c != '"';
    } else if (c == '"') {
      quoted = depth > 0;
    } else if (c == '{' || c == '[') {
      if (++depth >= base::kMaxJsonDepth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::vector<FoundJson> find_json(const Reply& reply) {
  std::vector<FoundJson> found;
  search(found, reply.text, "");
  if (reply.text.find_first_not_of(" \t\r\n") != std::string::npos) return found;
  for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary})
    search(found, reply.channels[channel], "the channel '" + std::string(to_string(channel)) + "'");
  return found;
}

}  // namespace tachikoma
