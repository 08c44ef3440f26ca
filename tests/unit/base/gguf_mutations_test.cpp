// SPDX-License-Identifier: MIT
// Model files with damaged heads: each is refused, or read as it then is.
#include <algorithm>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "base/gguf_memory.hpp"
#include "base/utf8.hpp"
#include "support/catch.hpp"
#include "support/counted_memory.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"
#include "support/seeds.hpp"
#include "unit/base/plain_gguf.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

constexpr std::size_t kTensorBytes = 16 * 1024;  // behind each head

GgufWriter text_model() {
  GgufWriter file;
  file.add("general.architecture", "gemma3");
  file.add("general.name", "A model");
  file.add("general.size_label", "4B");
  file.add("general.file_type", 15u);
  file.add("gemma3.block_count", 3u);
  file.add("gemma3.context_length", 32768u);
  file.add("gemma3.embedding_length", 32u);
  file.add("gemma3.attention.head_count", 4u);
  file.add("gemma3.attention.head_count_kv", 2u);
  file.add("gemma3.attention.key_length", 16u);
  file.add("gemma3.attention.value_length", 16u);
  file.add("gemma3.attention.sliding_window", 512u);
  file.add("gemma3.attention.sliding_window_pattern", std::vector<bool>{true, true, false});
  file.add("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b", "", "cd"});
  file.add("tokenizer.chat_template", "{%- if tools %}{{ messages }}");
  file.add_tensor("token_embd.weight", 4, 32, {}, 0, kQ8_0);
  for (const char* const block : {"blk.0.", "blk.1.", "blk.2."}) {
    file.add_tensor(std::string(block) + "attn_k.weight", 32, 32, {}, 0, kF16);
    file.add_tensor(std::string(block) + "ffn_down.weight", 32, 64, {}, 0, kQ4_0);
  }
  return file;
}

GgufWriter hybrid_model() {
  GgufWriter file;
  file.add("jamba.block_count", 2u);  // before the architecture
  file.add("general.architecture", "jamba");
  file.add("general.alignment", 32u);
  file.add("jamba.context_length", 4096u);
  file.add("jamba.embedding_length", 64u);
  file.add("jamba.attention.head_count", 4u);
  file.add("jamba.attention.head_count_kv", std::vector<std::int32_t>{0, 4});
  file.add("jamba.ssm.conv_kernel", 4u);
  file.add("jamba.ssm.inner_size", 128u);
  file.add("jamba.ssm.state_size", 16u);
  file.add("jamba.expert_count", 4u);
  file.add("jamba.expert_used_count", 2u);
  file.add_tensor("token_embd.weight", 4, 64, {});
  file.add_tensor("blk.0.ssm_x.weight", 8, 128, {});
  file.add_tensor("blk.1.attn_k.weight", 64, 64, {}, 0, kF16);
  file.add_tensor("blk.1.ffn_down_exps.weight", 4, 32, {}, 4, kQ4_0);
  file.add_tensor("output.weight", 4, 64, {});
  return file;
}

GgufWriter projector() {
  GgufWriter file;
  file.add("general.architecture", "clip");
  file.add("general.type", "mmproj");
  file.add("clip.vision.projection_dim", 64u);
  file.add("clip.audio.projection_dim", 32u);
  file.add_tensor("v.blk.0.attn_q.weight", 16, 16, {});
  file.add_tensor("mm.2.bias", 0, 64, {});
  return file;
}

std::vector<std::string> heads() {
  std::vector<std::string> files;
  for (const GgufWriter& writer : {text_model(), hybrid_model(), projector()}) files.push_back(writer.head());
  return files;
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return random_() % count; }

  void mutate(std::string& file) {
    const std::size_t times = 1 + below(3);
    for (std::size_t i = 0; i < times && !file.empty(); ++i) mutate_once(file);
  }

 private:
  void mutate_once(std::string& file) {
    const std::size_t at = below(file.size());
    switch (below(8)) {
      case 0: file[at] = static_cast<char>(file[at] ^ (1 << below(8))); return;
      case 1: file[at] = static_cast<char>(below(256)); return;
      case 2: return overwrite(file, at, &kSmall[below(std::size(kSmall))], 4);
      case 3: return overwrite(file, at, &kLarge[below(std::size(kLarge))], 8);
      case 4: file.resize(at); return;
      case 5: file.erase(at, 1 + below(16)); return;
      case 6: file.insert(at, file.substr(below(file.size()), 1 + below(32))); return;
      default: {
        const std::string part = file.substr(below(file.size()), 1 + below(16));
        return overwrite(file, at, part.data(), part.size());
      }
    }
  }

  static void overwrite(std::string& file, std::size_t at, const void* bytes, std::size_t size) {
    std::memcpy(file.data() + at, bytes, std::min(size, file.size() - at));
  }

  static constexpr std::uint32_t kSmall[] = {0, 1, 2, 4, 9, 12, 13, 255, 65536, 0x7fffffff, 0xffffffff};
  static constexpr std::uint64_t kLarge[] = {0,
                                             1,
                                             31,
                                             64,
                                             1 << 20,
                                             std::uint64_t{1} << 32,
                                             std::uint64_t{1} << 61,
                                             ~std::uint64_t{0} >> 1,
                                             ~std::uint64_t{0}};
  std::mt19937 random_;
};

// Empty: the reader's number is the file's.
struct Number {
  std::string_view suffix;
  std::optional<std::int64_t> GgufModel::*member;
};
constexpr Number kNumbers[] = {
    {".block_count", &GgufModel::layers},
    {".context_length", &GgufModel::context_length},
    {".embedding_length", &GgufModel::embedding_length},
    {".attention.key_length", &GgufModel::key_length},
    {".attention.value_length", &GgufModel::value_length},
    {".attention.sliding_window", &GgufModel::sliding_window},
    {".ssm.conv_kernel", &GgufModel::state_convolution},
    {".ssm.inner_size", &GgufModel::state_inner},
    {".ssm.state_size", &GgufModel::state_size},
    {".expert_count", &GgufModel::experts},
    {".expert_used_count", &GgufModel::experts_used},
    {".vision.projection_dim", &GgufModel::vision_width},
    {".audio.projection_dim", &GgufModel::audio_width},
};
struct List {
  std::string_view suffix;
  std::vector<std::int64_t> GgufModel::*member;
};
constexpr List kLists[] = {
    {".attention.head_count", &GgufModel::heads},
    {".attention.head_count_kv", &GgufModel::kv_heads},
    {".attention.sliding_window_pattern", &GgufModel::sliding_pattern},
};

// What differs between what was read and what the file says; empty: nothing.
std::string difference(const GgufModel& model, const PlainGguf& file) {
  const auto text = [&](const char* key) {
    const auto found = file.values.find(key);
    return found == file.values.end() ? std::string() : base::repair_utf8(found->second.text);
  };
  if (text("general.architecture") != model.architecture) return "the architecture";
  if (text("general.type") != model.type) return "the type";
  if (text("general.name") != model.name) return "the name";
  if (file.integer("general.file_type") != model.file_type) return "the file type";
  const std::string architecture = file.values.at("general.architecture").text;
  for (const Number& each : kNumbers)
    if (file.integer(architecture + std::string(each.suffix)) != model.*each.member)
      return std::string(each.suffix);
  for (const List& each : kLists) {
    const auto found = file.values.find(architecture + std::string(each.suffix));
    const auto said = found == file.values.end() ? std::vector<std::int64_t>() : found->second.integers;
    if (said != model.*each.member) return std::string(each.suffix);
  }
  if (file.tensors.size() != model.tensors.count) return "the number of tensors";
  std::uint64_t parameters = 0;  // the file has room for them, so the sum is no large number
  for (const PlainGguf::Tensor& tensor : file.tensors) {
    std::uint64_t numbers = 1;
    for (const std::uint64_t each : tensor.dimensions) numbers *= each;
    parameters += numbers;
  }
  if (model.tensors.unknown_types.empty() && parameters != model.tensors.parameters) return "the parameters";
  return {};
}

// Empty: it is as an error should be.
std::string flaw(const Error& error) {
  if (error.code != ErrorCode::protocol && error.code != ErrorCode::unsupported) return "its code";
  if (error.hint.empty()) return "it has no hint";
  if (error.message.size() > 1000 || !base::is_utf8(error.message)) return "its message";
  return {};
}

// Empty: no number is negative or without a basis.
std::string flaw(const GgufMemory& memory) {
  for (const SplitBytes& part : {memory.weights, memory.cache, memory.state, memory.output,
                                 memory.compute_min, memory.compute_max, memory.total()})
    for (const Sourced<std::int64_t>& bytes : {part.ram, part.gpu})
      if (bytes.value < 0 || bytes.basis.empty()) return "an estimate";
  return {};
}

struct Tried {
  std::size_t read = 0, refused = 0, most_memory = 0;
};

// A model that was read, or the reason why not; the memory of that is counted.
Result<GgufModel> read_counted(const std::string& file, Tried& tried) {
  const MemoryBytes bytes(file);
  const CountedMemory memory;
  Result<GgufModel> model = read_gguf(bytes);
  tried.most_memory = std::max(tried.most_memory, memory.peak());
  return model;
}

std::string examine(const std::string& file, Tried& tried) {
  const Result<GgufModel> model = read_counted(file, tried);
  if (!model) {
    ++tried.refused;
    return flaw(model.error());
  }
  ++tried.read;
  const auto plain = PlainGguf::read(file);
  if (!plain) return "a file was read beyond its end";
  std::string wrong = difference(*model, *plain);
  for (const std::int64_t layers : {0, 2})
    if (wrong.empty()) wrong = flaw(estimate_memory(*model, {.gpu_layers = layers}));
  return wrong;
}

}  // namespace

TEST_CASE("a file whose head is damaged anyhow is refused, or read as it then is", "[gguf][exhaustive]") {
  const std::vector<std::string> originals = heads();
  Tried tried;
  for (const std::string& head : originals)
    REQUIRE(examine(head + std::string(kTensorBytes, '\0'), tried).empty());
  REQUIRE(tried.refused == 0);
  for (const std::uint32_t seed : seeds(120'000)) {
    Mutator mutator(seed);
    std::string file = originals[mutator.below(originals.size())];
    mutator.mutate(file);
    if (mutator.below(8) != 0) file.resize(file.size() + kTensorBytes);
    const std::string wrong = examine(file, tried);
    if (!wrong.empty()) FAIL("seed " << seed << ": " << wrong);
  }
  CAPTURE(tried.read, tried.refused, tried.most_memory);
  CHECK(tried.read > tried.refused / 20);  // neither is the rule
  CHECK(tried.refused > tried.read / 20);
  CHECK(tried.most_memory <= kGgufMemory);
}

TEST_CASE("no file makes its reader hold more than it says, however large what it names is", "[gguf]") {
  const std::string long_text(std::size_t{60} << 10, '\xff');  // each byte is repaired to three
  std::vector<std::int32_t> long_list(1024, 1);
  GgufWriter file;
  file.add("general.architecture", "llama");
  for (const char* const key : {"general.type", "general.name", "general.basename", "general.size_label",
                                "adapter.type", "tokenizer.chat_template"})
    file.add(key, long_text);
  for (const char* const key : {"head_count", "head_count_kv", "sliding_window_pattern"})
    file.add(std::string("llama.attention.") + key, long_list);
  for (int i = 0; i < 3000; ++i) file.add("key " + std::to_string(i), std::string(3000, 'x'));
  file.add_tensor("token_embd.weight", 4, 32, {});
  for (int i = 0; i < 2000; ++i) file.add_tensor("blk." + std::to_string(i) + ".attn_k.weight", 1, 32, {});
  Tried tried;
  const Result<GgufModel> model = read_counted(file.head() + std::string(std::size_t{1} << 20, '\0'), tried);
  REQUIRE(model);
  CHECK(model->heads.size() == 1024);
  CHECK(model->tensors.blocks.size() == kMostGgufBlocks);
  CHECK(tried.most_memory <= kGgufMemory);
#ifndef TACHIKOMA_SANITIZED
  CHECK(tried.most_memory > kGgufMemory / 10);  // it was counted
#endif
}

TEST_CASE("what is longer than a model has it is refused before it is held", "[gguf]") {
  GgufWriter text, list;
  for (GgufWriter* each : {&text, &list}) each->add("general.architecture", "llama");
  text.add("general.name", std::string(std::size_t{16} << 20, 'x'));
  list.add("llama.attention.head_count", std::vector<std::int32_t>(std::size_t{1} << 20, 1));
  for (const GgufWriter& file : {text, list}) {
    Tried tried;
    CHECK_FALSE(read_counted(file.head(), tried));
    CHECK(tried.most_memory <= kGgufMemory);
  }
}
