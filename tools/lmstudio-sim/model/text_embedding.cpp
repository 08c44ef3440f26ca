// SPDX-License-Identifier: MIT
#include "model/text_embedding.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include "world/units.hpp"

namespace lmstudio_sim {
namespace {

constexpr std::size_t kDimensions = 768;

std::uint64_t hash(std::string_view word) {  // FNV-1a: the same on every machine
  std::uint64_t value = 14695981039346656037ULL;
  for (const char c : word) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

// Adds the direction of a word. It is pseudo-random, so two words are nearly orthogonal.
void add_word(std::vector<double>& vector, std::string_view word) {
  std::uint64_t state = hash(word);
  for (double& component : vector) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;  // xorshift64
    component += static_cast<double>(state >> 11) / 9007199254740992.0 - 0.5;
  }
}

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<double> embed(std::string_view text) {
  std::vector<double> vector(kDimensions);
  const std::string lower = lower_case(text);
  for (std::size_t at = 0; at < lower.size(); ++at) {
    std::size_t end = at;
    while (end < lower.size() && in_word(lower[end])) ++end;
    if (end > at) add_word(vector, std::string_view(lower).substr(at, end - at));
    at = end;
  }
  double square = 0;
  for (const double component : vector) square += component * component;
  if (square > 0)
    for (double& component : vector) component /= std::sqrt(square);
  return vector;
}

}  // namespace lmstudio_sim
