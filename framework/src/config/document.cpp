// SPDX-License-Identifier: MIT
#include "config/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/secrets.hpp"
#include "base/utf8.hpp"

namespace tachikoma::config {
namespace {

constexpr std::size_t kLongestQuote = 60;

Value detail_of(const Problem& problem, const std::string& file) {
  Value detail = Value::object({{"file", file}});
  if (problem.at.line) {
    detail.set("line", problem.at.line);
    detail.set("column", problem.at.column);
  }
  detail.set("key", problem.key.empty() ? problem.where : dotted(problem.where, problem.key));
  return detail;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Node::find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

void Node::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

Node to_node(const Value& value) {
  Node node;
  switch (value.kind()) {
    case Value::Kind::null: break;
    case Value::Kind::boolean:
    case Value::Kind::integer:
    case Value::Kind::real:
      node.kind = Node::Kind::plain;
      node.text = base::to_json(value);
      break;
    case Value::Kind::string:
      node.kind = Node::Kind::quoted;
      node.text = value.as_string();
      break;
    case Value::Kind::array:
      node.kind = Node::Kind::list;
      for (const Value& each : value.elements()) node.items.push_back(to_node(each));
      break;
    case Value::Kind::object:
      node.kind = Node::Kind::map;
      for (const Member& each : value.members())
        if (Entry* known = node.find(each.key))
          known->node = to_node(each.value);
        else
          node.entries.push_back({each.key, {}, to_node(each.value)});
      break;
  }
  return node;
}

std::string dotted(std::string_view where, std::string_view key) {
  std::string path(where);
  if (!path.empty()) path += '.';
  if (key.find('.') == std::string_view::npos) return path += key;
  return path.append("'").append(key).append("'");
}

std::string dotted(std::string_view above, std::string_view where, const Entry& entry) {
  if (entry.written.empty()) return dotted(where, entry.key);
  std::string path(entry.from_above ? above : where);
  return path.append(path.empty() ? "" : ".").append(entry.written);
}

std::string dotted(const Trail* trail) {
  if (!trail) return {};
  const Entry* entry = trail->entry;
  const Trail* map = trail->above;
  if (entry && entry->from_above && map) map = map->above;
  const std::string where = dotted(map);
  return entry ? dotted(where, where, *entry) : where + "[" + std::to_string(trail->index) + "]";
}

std::string Problems::place(Position at) const {
  if (!at.line) return name_;
  std::array<char, 32> numbers;  // with their colons, 24 at most
  char* end = numbers.data();
  for (const int number : {at.line, at.column}) {
    *end++ = ':';
    end = std::to_chars(end, numbers.data() + numbers.size(), number).ptr;
  }
  std::string place;
  place.reserve(name_.size() + static_cast<std::size_t>(end - numbers.data()));
  return place.append(name_).append(numbers.data(), end);
}

std::string Problems::line(const Problem& problem) const {
  std::string text = place(problem.at) + ": ";
  if (!problem.where.empty()) text += problem.where + ": ";
  text += problem.message;
  if (!problem.hint.empty()) text += "; " + problem.hint;
  return base::printable(text, text.size());  // keys may hold control characters
}

Error Problems::to_error() const {
  std::vector<Problem> sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
  });
  std::string message;
  Value::Array errors;
  for (const Problem& problem : sorted) {
    if (!message.empty()) message += '\n';
    message += line(problem);
    Value each = detail_of(problem, name_);
    each.set("message", problem.message);
    each.set("hint", problem.hint);
    errors.push_back(std::move(each));
  }
  Value detail = sorted.empty() ? Value::object() : detail_of(sorted.front(), name_);
  const bool in_file = !sorted.empty() && sorted.front().at.line;
  detail.set("errors", std::move(errors));
  if (std::all_of(sorted.begin(), sorted.end(), [](const Problem& each) { return each.refused_plugin; }))
    return Error(ErrorCode::plugin_refused, std::move(message),
                 "`tachikoma plugin list` shows every plugin that is found, and why one is refused",
                 std::move(detail));
  return Error(ErrorCode::config_invalid, std::move(message),
               in_file ? "correct it; `tachikoma config check " + name_ + "` checks it again" : "",
               std::move(detail));
}

std::string in_quotes(std::string_view quoted) {
  const std::string shown = base::without_url_secrets(quoted);
  std::string_view text = shown;
  std::string out = "'";
  std::size_t characters = 0;
  while (!text.empty()) {
    if (++characters > kLongestQuote) return base::printable(out, out.size()) + "…'";
    const std::size_t length = std::max<std::size_t>(1, base::utf8_sequence_length(text));
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return base::printable(out, out.size()) + "'";
}

}  // namespace tachikoma::config
