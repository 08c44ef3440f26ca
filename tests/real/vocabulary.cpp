// SPDX-License-Identifier: MIT
#include "real/vocabulary.hpp"

#include <array>
#include <string>

namespace tachikoma::testing {
namespace {

// Pairs of letters that the tokenizer joins, so that a prompt has fewer tokens than bytes.
constexpr std::array kPairs = {"th", "he", "in", "er", "an", "re", "on",
                               "at", "ou", "is", "st", "en", "ll", "lo"};
constexpr std::string_view kToolCall = "<tool_call>\n";
constexpr std::array kControl = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
constexpr std::int32_t kNormal = 1, kControlToken = 3, kUserDefined = 4;

std::string utf8(unsigned code_point) {
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | code_point >> 6), static_cast<char>(0x80 | (code_point & 0x3F))};
}

// The visible character that a byte-level tokenizer writes for each byte.
std::vector<std::string> byte_alphabet() {
  std::vector<std::string> letters;
  unsigned next_substitute = 256;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool visible = (byte > ' ' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    letters.push_back(utf8(visible ? byte : next_substitute++));
  }
  return letters;
}

}  // namespace

Vocabulary::Vocabulary(bool with_tool_call) : tokens(byte_alphabet()), types(256, kNormal) {
  for (const char* pair : kPairs) {
    add(pair, kNormal);
    merges.push_back({pair[0], ' ', pair[1]});
  }
  if (with_tool_call) tool_call = add(kToolCall, kUserDefined);
  end_of_text = add(kControl[0], kControlToken);
  add(kControl[1], kControlToken);
  end_of_turn = add(kControl[2], kControlToken);
}

void Vocabulary::grow_to(std::size_t count) {
  while (tokens.size() < count) add("<unused " + std::to_string(tokens.size()) + ">", kNormal);
}

std::uint32_t Vocabulary::add(std::string_view token, std::int32_t type) {
  tokens.emplace_back(token);
  types.push_back(type);
  return static_cast<std::uint32_t>(tokens.size() - 1);
}

void add_tokenizer(GgufWriter& file, const Vocabulary& vocabulary) {
  file.add("tokenizer.ggml.model", "gpt2");
  file.add("tokenizer.ggml.pre", "gpt-2");
  file.add("tokenizer.ggml.tokens", vocabulary.tokens);
  file.add("tokenizer.ggml.token_type", vocabulary.types);
  file.add("tokenizer.ggml.merges", vocabulary.merges);
  file.add("tokenizer.ggml.bos_token_id", vocabulary.end_of_text);
  file.add("tokenizer.ggml.eos_token_id", vocabulary.end_of_turn);
  file.add("tokenizer.ggml.add_bos_token", false);
}

}  // namespace tachikoma::testing
