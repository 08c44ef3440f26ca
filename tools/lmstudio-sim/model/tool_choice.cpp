// SPDX-License-Identifier: MIT
#include "model/tool_choice.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/json_value.hpp"
#include "model/question.hpp"
#include "model/schema_writer.hpp"

namespace lmstudio_sim {

namespace {

constexpr int kNameWord = 3;         // the score of a word of the tool's name that the question contains
constexpr int kDescriptionWord = 1;  // and of one of its description
constexpr int kFits = 2;

// "calculate" and "calculator", "forecast" and "forecasts".
bool are_alike(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  return same == shorter ? a.size() + b.size() - 2 * same <= 1 || same >= 5
                         : same >= 5 && same + 2 >= shorter;
}

int count_alike(const std::vector<std::string>& words, const std::vector<std::string>& question) {
  return static_cast<int>(std::ranges::count_if(words, [&](const std::string& word) {
    return !is_filler(word) &&
           std::ranges::any_of(question, [&](const std::string& each) { return are_alike(word, each); });
  }));
}

const JsonValue* first_required(const OfferedTool& tool) {
  const JsonValue::Array& required = tool.parameters["required"].elements();
  return required.empty() ? nullptr : &required.front();
}

// How well a tool fits a text; below kFits it doesn't.
int fitness(const OfferedTool& tool, const std::string& text) {
  const std::vector<std::string> words = identifier_words(text);
  const int name = count_alike(identifier_words(tool.name), words);
  const int description = count_alike(identifier_words(tool.description), words);
  int score = name * kNameWord + std::min(description, kNameWord) * kDescriptionWord;
  const JsonValue* parameter = first_required(tool);
  if (score > 0 && parameter && Question(text).text_for(parameter->as_string())) ++score;
  return score;
}

const OfferedTool* best_tool(const std::vector<OfferedTool>& tools, const std::string& text, int min_score) {
  const OfferedTool* best = nullptr;
  for (const OfferedTool& tool : tools)
    if (const int score = fitness(tool, text); score >= min_score) {
      best = &tool;
      min_score = score + 1;
    }
  return best;
}

// Where the next part of a text begins: after the end of a sentence, or after "and".
std::size_t part_end(std::string_view text, std::size_t at) {
  const bool listed = text.find(" and ") != std::string_view::npos;
  std::size_t end = text.size();
  for (const std::string_view mark : {"? ", ". ", "! ", "; ", "\n", " and ", ", "}) {
    if (mark == ", " && !listed) continue;  // "Paris, France" is one place
    const std::size_t found = text.find(mark, at);
    if (found != std::string_view::npos) end = std::min(end, found + mark.size());
  }
  return end;
}

struct PlannedCall {
  const OfferedTool* tool;
  std::string text;
};

// "What's the weather in Tokyo and Paris?" is two calls, the second for the tool of the first.
std::vector<PlannedCall> planned_calls(const std::vector<OfferedTool>& tools, const std::string& text) {
  std::vector<PlannedCall> planned;
  if (text.find('"') != std::string::npos) return planned;  // a quotation is not split
  std::string before;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = part_end(text, at);
    std::string part = text.substr(at, end - at);
    at = end;
    if (const OfferedTool* tool = best_tool(tools, part, kFits))
      planned.push_back({tool, std::exchange(before, "") + part});
    else if (!planned.empty() && first_required(*planned.back().tool) && Question(part).has_name())
      planned.push_back({planned.back().tool, std::move(part)});
    else
      (planned.empty() ? before : planned.back().text) += part;
  }
  return planned;
}

}  // namespace

bool is_filler(std::string_view word) {
  static constexpr std::array<std::string_view, 38> kFillers{
      "about", "add",  "and",    "any",     "call",  "current", "does", "fetch", "for", "from",
      "get",   "give", "have",   "into",    "like",  "lookup",  "make", "name",  "now", "please",
      "query", "read", "return", "returns", "run",   "set",     "tell", "that",  "the", "this",
      "tool",  "use",  "what",   "when",    "which", "will",    "with", "your"};
  return word.size() < 3 || std::ranges::find(kFillers, word) != kFillers.end();
}

std::vector<ToolCall> choose_calls(const std::vector<OfferedTool>& tools, const std::string& question,
                                   bool required) {
  std::vector<PlannedCall> planned = planned_calls(tools, question);
  if (planned.empty())
    if (const OfferedTool* tool = best_tool(tools, question, required ? 0 : kFits))
      planned.push_back({tool, question});
  std::vector<ToolCall> calls;
  for (const PlannedCall& each : planned) {
    Question asked(each.text);
    ToolCall call{each.tool->name, to_json(write_arguments(each.tool->parameters, asked))};
    if (std::ranges::find(calls, call) == calls.end()) calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace lmstudio_sim
