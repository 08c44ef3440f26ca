// SPDX-License-Identifier: MIT
// Writes a tiny model with random weights that a real llama.cpp server loads in milliseconds. Its answers are
// noise, and often no valid UTF-8 at a token's edge; all around them is real: tokenizer, chat template, token
// counts, speed.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "real/vocabulary.hpp"
#include "support/gguf_writer.hpp"

namespace {

using tachikoma::testing::GgufWriter;
using tachikoma::testing::Vocabulary;

constexpr std::string_view kUsage =
    "usage: make-model OUT.gguf [--seed N] [--layers N] [--width N] [--experts N] [--context N] "
    "[--endless] [--letters] [--calls-tools] [--embedding] [--hollow] [--architecture NAME] [--template "
    "JINJA]\n"
    "  --seed N       other weights, other noise (1)\n"
    "  --layers N     transformer blocks (2); more of them, or more width, answer more slowly\n"
    "  --width N      embedding length, a multiple of 32 (64)\n"
    "  --experts N    a mixture of so many, of which two answer; not given: it is none\n"
    "  --context N    tokens the model was made for (4096)\n"
    "  --endless      no answer ends by itself: only at a limit of the request or of the context\n"
    "  --letters      the same, and each token is one of the letters a to z\n"
    "  --calls-tools  every answer opens a tool call where the request has tools\n"
    "  --embedding    an encoder that turns texts into vectors, and answers nothing\n"
    "  --hollow       its blocks are zeros, in a file that takes no disk however large it is\n"
    "  --architecture NAME  what the file says that it is, whatever it is (llama)\n"
    "  --template JINJA     the chat template (one with tools)\n";

constexpr std::uint32_t kHeads = 4;
// Turns as <|im_start|>role … <|im_end|>; tools and calls as JSON between tags, one call a line.
constexpr std::string_view kChatTemplate = R"jinja(
{%- if tools -%}
  {{- '<|im_start|>system\n# Tools\n\nFunctions that may be called:\n<tools>' -}}
  {%- for tool in tools -%}{{- '\n' + (tool | tojson) -}}{%- endfor -%}
  {{- '\n</tools>\n\nTo call one, write its name and arguments as a JSON object between tags:\n<tool_call>\n' -}}
  {{- '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' -}}
{%- endif -%}
{%- for message in messages -%}
  {%- if message.role == 'tool' -%}
    {{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' -}}
  {%- else -%}
    {{- '<|im_start|>' + message.role + '\n' -}}
    {%- if message.content -%}{{- message.content -}}{%- endif -%}
    {%- for call in message.tool_calls or [] -%}
      {{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' -}}
      {{- (call.function.arguments | tojson) + '}\n</tool_call>' -}}
    {%- endfor -%}
    {{- '<|im_end|>\n' -}}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%})jinja";

struct Options {
  std::string out, architecture = "llama", chat_template = std::string(kChatTemplate.substr(1));
  std::uint32_t seed = 1, layers = 2, width = 64, experts = 0, context = 4096;
  bool endless = false, letters = false, calls_tools = false, embedding = false, hollow = false;
};

// Normally distributed numbers that are the same on every machine, which std::normal_distribution does not
// promise.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : engine_(seed) {}
  GgufWriter::Fill scaled(double scale) {
    return [this, scale](std::vector<float>& numbers) {
      for (float& number : numbers) number = static_cast<float>(next() * scale);
    };
  }

 private:
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
  double next() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }
  std::mt19937_64 engine_;
};

void add_metadata(GgufWriter& file, const Options& options, const Vocabulary& vocabulary) {
  file.add("general.architecture", options.architecture);
  file.add("general.name", std::filesystem::path(options.out).stem().string());
  file.add("general.file_type", 0u);  // all 32-bit floats
  file.add("llama.context_length", options.context);
  file.add("llama.embedding_length", options.width);
  file.add("llama.block_count", options.layers);
  file.add("llama.feed_forward_length", 2 * options.width);
  file.add("llama.attention.head_count", kHeads);
  file.add("llama.attention.head_count_kv", kHeads);
  file.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  if (options.experts > 0) {
    file.add("llama.expert_count", options.experts);
    file.add("llama.expert_used_count", std::min(options.experts, 2u));
  }
  file.add("llama.rope.dimension_count", options.width / kHeads);
  file.add("llama.vocab_size", static_cast<std::uint32_t>(vocabulary.tokens.size()));
  add_tokenizer(file, vocabulary);
  file.add("tokenizer.chat_template", options.chat_template);
}

// The first number of every token's embedding is the same large one, and in the output only the rows of a few
// tokens read it: that lifts or sinks those tokens' chances whatever the text.
GgufWriter::Fill with_first_column(GgufWriter::Fill fill, std::uint32_t width, float all,
                                   std::map<std::uint32_t, float> some = {}) {
  return [=](std::vector<float>& numbers) {
    fill(numbers);
    for (std::size_t row = 0; row * width < numbers.size(); ++row) numbers[row * width] = all;
    for (const auto& [row, value] : some) numbers[std::size_t{row} * width] = value;
  };
}

void add_tensors(GgufWriter& file, const Options& options, const Vocabulary& vocabulary, Noise& noise) {
  const std::uint32_t width = options.width;
  const std::uint64_t tokens = vocabulary.tokens.size();
  const double scale = 0.64 / std::sqrt(width);  // keeps what a block adds as small as what it is added to
  const auto weights = [&] { return options.hollow ? GgufWriter::Fill() : noise.scaled(scale); };
  const auto ones = [](std::vector<float>& numbers) { numbers.assign(numbers.size(), 1.0f); };
  std::map<std::uint32_t, float> steered;
  if (options.endless) steered[vocabulary.end_of_turn] = steered[vocabulary.end_of_text] = -6.0f;
  if (options.letters)  // a byte is the number of its own token
    for (std::uint32_t letter = 'a'; letter <= 'z'; ++letter) steered[letter] = 6.0f;
  if (options.calls_tools) steered[vocabulary.tool_call] = 6.0f;

  file.add_tensor("token_embd.weight", tokens, width, with_first_column(noise.scaled(1.0), width, 12.0f));
  file.add_tensor("output_norm.weight", 0, width, ones);
  file.add_tensor("output.weight", tokens, width, with_first_column(noise.scaled(0.3), width, 0.0f, steered));
  for (std::uint32_t layer = 0; layer < options.layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    file.add_tensor(block + "attn_norm.weight", 0, width, ones);
    file.add_tensor(block + "ffn_norm.weight", 0, width, ones);
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
      file.add_tensor(block + name + ".weight", width, width, weights());
    const std::string kind = options.experts > 0 ? "_exps.weight" : ".weight";
    if (options.experts > 0)
      file.add_tensor(block + "ffn_gate_inp.weight", options.experts, width, weights());
    for (const char* name : {"ffn_gate", "ffn_up"})
      file.add_tensor(block + name + kind, 2 * width, width, weights(), options.experts);
    file.add_tensor(block + "ffn_down" + kind, width, 2 * width, weights(), options.experts);
  }
}

// BERT's: each token sees all others, and a text's vector is the mean of its tokens'.
void add_encoder_metadata(GgufWriter& file, const Options& options, const Vocabulary& vocabulary) {
  file.add("general.architecture", "bert");
  file.add("general.name", std::filesystem::path(options.out).stem().string());
  file.add("general.file_type", 0u);
  file.add("bert.context_length", options.context);
  file.add("bert.embedding_length", options.width);
  file.add("bert.block_count", options.layers);
  file.add("bert.feed_forward_length", 2 * options.width);
  file.add("bert.attention.head_count", kHeads);
  file.add("bert.attention.layer_norm_epsilon", 1e-12f);
  file.add("bert.attention.causal", false);
  file.add("bert.pooling_type", 1u);
  file.add("tokenizer.ggml.token_type_count", 1u);
  add_tokenizer(file, vocabulary);
}

void add_encoder_tensors(GgufWriter& file, const Options& options, const Vocabulary& vocabulary,
                         Noise& noise) {
  const std::uint32_t width = options.width;
  const double scale = 0.64 / std::sqrt(width);
  const auto fill = [](float value) {
    return [value](std::vector<float>& numbers) { numbers.assign(numbers.size(), value); };
  };
  const auto add_norm = [&](const std::string& name) {
    file.add_tensor(name + ".weight", 0, width, fill(1));
    file.add_tensor(name + ".bias", 0, width, fill(0));
  };
  const auto add_layer = [&](const std::string& name, std::uint32_t rows, std::uint32_t columns) {
    file.add_tensor(name + ".weight", rows, columns, noise.scaled(scale));
    file.add_tensor(name + ".bias", 0, rows, fill(0));
  };
  file.add_tensor("token_embd.weight", vocabulary.tokens.size(), width, noise.scaled(1.0));
  file.add_tensor("token_types.weight", 1, width, fill(0));
  file.add_tensor("position_embd.weight", options.context, width, noise.scaled(0.1));
  add_norm("token_embd_norm");
  for (std::uint32_t layer = 0; layer < options.layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
      add_layer(block + name, width, width);
    add_norm(block + "attn_output_norm");
    add_layer(block + "ffn_up", 2 * width, width);
    add_layer(block + "ffn_down", width, 2 * width);
    add_norm(block + "layer_output_norm");
  }
}

std::uint32_t number(std::string_view option, std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value == 0)
    throw std::invalid_argument(std::string(option) + " '" + std::string(text) + "' is not a number above 0");
  return value;
}

Options parse(const std::vector<std::string_view>& words) {
  Options options;
  const std::map<std::string_view, std::uint32_t*> numbers = {{"--seed", &options.seed},
                                                              {"--layers", &options.layers},
                                                              {"--width", &options.width},
                                                              {"--experts", &options.experts},
                                                              {"--context", &options.context}};
  const std::map<std::string_view, bool*> flags = {{"--endless", &options.endless},
                                                   {"--letters", &options.letters},
                                                   {"--calls-tools", &options.calls_tools},
                                                   {"--embedding", &options.embedding},
                                                   {"--hollow", &options.hollow}};
  const std::map<std::string_view, std::string*> texts = {{"--architecture", &options.architecture},
                                                          {"--template", &options.chat_template}};
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (const auto flag = flags.find(word); flag != flags.end()) {
      *flag->second = true;
    } else if (const auto value = numbers.find(word); value != numbers.end()) {
      if (++at == words.size()) throw std::invalid_argument(std::string(word) + " needs a number");
      *value->second = number(word, words[at]);
    } else if (const auto text = texts.find(word); text != texts.end()) {
      if (++at == words.size()) throw std::invalid_argument(std::string(word) + " needs a text");
      *text->second = words[at];
    } else if (word.starts_with("--") || !options.out.empty()) {
      throw std::invalid_argument("'" + std::string(word) + "' is not understood");
    } else {
      options.out = word;
    }
  }
  if (options.out.empty()) throw std::invalid_argument("the file to write is missing");
  if (options.width % 32 != 0) throw std::invalid_argument("--width is not a multiple of 32");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse({argv + 1, argv + argc});
    const Vocabulary vocabulary(options.calls_tools);
    Noise noise(options.seed);
    GgufWriter file;
    if (options.embedding) {
      add_encoder_metadata(file, options, vocabulary);
      add_encoder_tensors(file, options, vocabulary, noise);
    } else {
      add_metadata(file, options, vocabulary);
      add_tensors(file, options, vocabulary, noise);
    }
    file.write(options.out);
    return 0;
  } catch (const std::invalid_argument& problem) {
    std::cerr << "make-model: " << problem.what() << '\n' << kUsage;
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "make-model: " << problem.what() << '\n';
    return 1;
  }
}
