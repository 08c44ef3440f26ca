// SPDX-License-Identifier: MIT
#include "base/sliding_window.hpp"

#include <algorithm>
#include <string_view>

namespace tachikoma::base {
namespace {

// Every how many layers one attends to all tokens, from llama.cpp's src/models; a file may say otherwise.
struct WindowRow {
  std::string_view architecture;
  std::int64_t every;
  std::int64_t window = 0;  // if the file does not say it
  bool first = false;       // of those layers it is the first one that attends to all, not the last
};

constexpr WindowRow kWindows[] = {
    {"gemma2", 2, 4096},
    {"gemma3", 6},
    {"gemma3n", 5},
    {"gemma-embedding", 6},
    {"gpt-oss", 2},
    {"llama4", 4, 8192},
    {"cohere2", 4},
    {"cohere2moe", 4},
    {"olmo2", 4},
    {"exaone4", 4},
    {"exaone-moe", 4},
    {"afmoe", 4},
    {"plamo3", 8},
    {"smallthinker", 4, 4096, true},
    {"modern-bert", 3, 0, true},
};

const WindowRow* row_of(const GgufModel& model) {
  const auto row = std::find_if(std::begin(kWindows), std::end(kWindows), [&](const WindowRow& each) {
    return each.architecture == model.architecture;
  });
  return row == std::end(kWindows) ? nullptr : row;
}

}  // namespace

// A window that the file has, but llama.cpp does not use for that architecture, is none.
std::int64_t sliding_window(const GgufModel& model) {
  const WindowRow* row = row_of(model);
  if (!row && model.sliding_pattern.empty()) return 0;
  return model.sliding_window.value_or(row ? row->window : 0);
}

bool slides(const GgufModel& model, std::int64_t layer) {
  if (layer < 0 || sliding_window(model) == 0) return false;
  const std::vector<std::int64_t>& pattern = model.sliding_pattern;
  const auto at = static_cast<std::size_t>(layer);
  if (pattern.size() > 1) return at < pattern.size() && pattern[at] != 0;
  const WindowRow* row = row_of(model);
  const std::int64_t every = !pattern.empty() ? pattern.front() : row ? row->every : 0;
  if (every == 0) return true;
  return row && row->first ? layer % every != 0 : layer % every < every - 1;
}

}  // namespace tachikoma::base
