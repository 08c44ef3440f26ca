// SPDX-License-Identifier: MIT
#include "base/gguf.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/gguf_cursor.hpp"
#include "base/gguf_kinds.hpp"
#include "base/gguf_tensors.hpp"
#include "base/try.hpp"

namespace tachikoma::base {
namespace {

constexpr std::uint64_t kLongestKey = 65535;  // as the format says
constexpr std::uint64_t kSmallestEntry = 8 + 4 + 1;
constexpr std::string_view kTemplate = "tokenizer.chat_template";
constexpr char kConvert[] = "get the model as GGUF, or convert it with the tools of llama.cpp";

constexpr std::array<std::string_view, 41> kQuantizations = {
    "F32",   "F16",     "Q4_0",   "Q4_1",   "",       "",        "",       "Q8_0",   "Q5_0",
    "Q5_1",  "Q2_K",    "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S",  "Q4_K_M", "Q5_K_S", "Q5_K_M",
    "Q6_K",  "IQ2_XXS", "IQ2_XS", "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S",  "IQ4_NL", "IQ3_S",
    "IQ3_M", "IQ2_S",   "IQ2_M",  "IQ4_XS", "IQ1_M",  "BF16",    "",       "",       "",
    "TQ1_0", "TQ2_0",   "MXFP4",  "NVFP4",  "Q1_0"};

template <class T>
struct Field {
  std::string_view key;
  T GgufModel::*member;
};
constexpr std::array<Field<std::string>, 5> kTexts{{{"general.type", &GgufModel::type},
                                                    {"adapter.type", &GgufModel::adapter_type},
                                                    {"general.name", &GgufModel::name},
                                                    {"general.basename", &GgufModel::basename},
                                                    {"general.size_label", &GgufModel::size_label}}};
constexpr std::array<Field<std::optional<std::int64_t>>, 4> kGeneralNumbers{
    {{"general.file_type", &GgufModel::file_type},
     {"general.alignment", &GgufModel::alignment},
     {"split.no", &GgufModel::split_number},
     {"split.count", &GgufModel::split_count}}};
// Behind the architecture's name and a dot.
constexpr std::array<Field<std::optional<std::int64_t>>, 24> kNumbers{
    {{"block_count", &GgufModel::layers},
     {"context_length", &GgufModel::context_length},
     {"embedding_length", &GgufModel::embedding_length},
     {"attention.key_length", &GgufModel::key_length},
     {"attention.value_length", &GgufModel::value_length},
     {"expert_count", &GgufModel::experts},
     {"expert_used_count", &GgufModel::experts_used},
     {"attention.sliding_window", &GgufModel::sliding_window},
     {"attention.key_length_swa", &GgufModel::sliding_key_length},
     {"attention.value_length_swa", &GgufModel::sliding_value_length},
     {"attention.key_length_mla", &GgufModel::latent_key_length},
     {"attention.shared_kv_layers", &GgufModel::shared_kv_layers},
     {"nextn_predict_layers", &GgufModel::prediction_layers},
     {"ssm.conv_kernel", &GgufModel::state_convolution},
     {"ssm.inner_size", &GgufModel::state_inner},
     {"ssm.state_size", &GgufModel::state_size},
     {"ssm.group_count", &GgufModel::state_groups},
     {"ssm.time_step_rank", &GgufModel::state_heads},
     {"shortconv.l_cache", &GgufModel::convolution_cache},
     {"wkv.head_size", &GgufModel::wkv_head_size},
     {"token_shift_count", &GgufModel::token_shifts},
     {"pooling_type", &GgufModel::pooling_type},
     {"vision.projection_dim", &GgufModel::vision_width},
     {"audio.projection_dim", &GgufModel::audio_width}}};
constexpr std::array<Field<std::vector<std::int64_t>>, 3> kLists{
    {{"attention.head_count", &GgufModel::heads},
     {"attention.head_count_kv", &GgufModel::kv_heads},
     {"attention.sliding_window_pattern", &GgufModel::sliding_pattern}}};

// Encoders: they read a text as a whole, and generate none.
constexpr std::array<std::string_view, 11> kEncoders{
    "bert",         "modern-bert", "neo-bert",        "nomic-bert", "nomic-bert-moe", "jina-bert-v2",
    "jina-bert-v3", "eurobert",    "gemma-embedding", "t5encoder",  "llama-embed"};

// What templates call a request's tools, and how they mark reasoning: those of Qwen, DeepSeek, GLM, Granite,
// Kimi, gpt-oss, Gemma and Mistral, as llama.cpp keeps them in models/templates.
constexpr std::array<std::string_view, 2> kToolWords{"tools", "tool_call"};
constexpr std::array<std::string_view, 7> kReasoningWords{"enable_thinking",  "reasoning_content", "<think>",
                                                          "reasoning_effort", "[THINK]",           "thinking",
                                                          "<|channel"};

// llama.cpp's numbers
constexpr std::int64_t kNoPooling = 0, kRankPooling = 4;

struct Header {
  std::uint32_t version = 0;
  std::uint64_t tensors = 0;
  std::uint64_t entries = 0;
};

Error unreadable(std::string what) { return Error(ErrorCode::unsupported, std::move(what), kConvert); }

Result<Header> read_header(const Bytes& file, GgufCursor& cursor) {
  std::string magic;
  for (int i = 0; i < 4; ++i) magic += cursor.number<char>("the first word");
  if (cursor.failed()) return cursor.failure();
  if (magic != "GGUF") {
    if (std::optional<Error> other = other_format(file)) return *std::move(other);
    return unreadable("the file is not a GGUF file: it begins with " + in_quotes(magic));
  }
  Header header{cursor.number<std::uint32_t>("the version")};
  if (cursor.failed()) return cursor.failure();
  if (header.version != 0 && (header.version & 0xffff) == 0)
    return unreadable("the file is a big-endian GGUF, for other machines: convert it");
  if (header.version == 1)
    return unreadable("the file is GGUF version 1, which is no longer read: convert it");
  if (header.version != 2 && header.version != 3)
    return unreadable("the file is GGUF version " + std::to_string(header.version) +
                      ", but only versions 2 and 3 are supported");
  header.tensors = cursor.number<std::uint64_t>("the count of tensors");
  header.entries = cursor.number<std::uint64_t>("the count of metadata");
  if (cursor.failed()) return cursor.failure();
  return header;
}

std::string read_key(GgufCursor& cursor) { return cursor.text(kLongestKey, "the name of a key"); }

// All other names begin with it, and it may come at any position; empty: it has none.
std::string find_architecture(GgufCursor& cursor, std::uint64_t entries) {
  for (std::uint64_t i = 0; i < entries && !cursor.failed(); ++i) {
    const std::string key = read_key(cursor);
    if (key == "general.architecture") return cursor.text_value(key);
    cursor.skip_value(key);
  }
  return {};
}

template <class Fields>
const auto* find_field(const Fields& fields, std::string_view key) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

// Readers differ on which of two entries counts.
void check_once(bool first, std::string_view key, GgufCursor& cursor) {
  if (!first) cursor.fail(in_quotes(key) + " occurs twice");
}

const auto* find_number(std::string_view key, std::string_view suffix) {
  const auto* general = find_field(kGeneralNumbers, key);
  return general ? general : find_field(kNumbers, suffix);
}

template <class Words>
bool has_any(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// The usual template, or one of those for a purpose: "tokenizer.chat_template.tool_use".
void read_template(const std::string& key, GgufCursor& cursor, GgufModel& model) {
  model.chat_template = model.chat_template || key == kTemplate;
  const std::string text = cursor.text_beginning(key);
  model.template_tools = model.template_tools || has_any(text, kToolWords);
  model.template_reasoning = model.template_reasoning || has_any(text, kReasoningWords);
}

void read_entry(const std::string& key, GgufCursor& cursor, GgufModel& model) {
  const std::string& architecture = model.architecture;
  std::string_view suffix;
  if (key.size() > architecture.size() && key.starts_with(architecture) && key[architecture.size()] == '.')
    suffix = std::string_view(key).substr(architecture.size() + 1);
  if (const auto* text = find_field(kTexts, key)) {
    check_once((model.*text->member).empty(), key, cursor);
    model.*text->member = cursor.text_value(key);
  } else if (const auto* number = find_number(key, suffix)) {
    check_once(!(model.*number->member), key, cursor);
    model.*number->member = cursor.integer_value(key);
  } else if (const auto* list = find_field(kLists, suffix)) {
    check_once((model.*list->member).empty(), key, cursor);
    model.*list->member = cursor.integer_values(key);
  } else if (key.starts_with(kTemplate)) {
    read_template(key, cursor, model);
  } else {
    cursor.skip_value(key);
  }
  model.sees = model.sees || key.starts_with("clip.vision.");
  model.hears = model.hears || key.starts_with("clip.audio.");
}

}  // namespace

// A generating model has no pooling type; a reranker yields a number, not a vector.
bool GgufModel::is_embedding() const {
  if (pooling_type == kRankPooling) return false;
  if (pooling_type && *pooling_type != kNoPooling) return true;
  return is_encoder();
}

bool GgufModel::is_encoder() const {
  return std::find(kEncoders.begin(), kEncoders.end(), architecture) != kEncoders.end();
}

bool GgufModel::is_reranker() const { return pooling_type == kRankPooling; }

std::string_view quantization_name(std::int64_t file_type) {
  const bool known = file_type >= 0 && file_type < static_cast<std::int64_t>(kQuantizations.size());
  return known ? kQuantizations[static_cast<std::size_t>(file_type)] : std::string_view();
}

Result<GgufModel> read_gguf_part(const Bytes& file) {
  if (file.size() == 0)
    return Error(ErrorCode::protocol, "the file is empty", "download or copy the file again");
  GgufCursor cursor(file);
  TACHIKOMA_TRY(const Header header, read_header(file, cursor));
  if (header.entries > file.size() / kSmallestEntry)
    return Error(ErrorCode::protocol,
                 "the file is cut short: it has " + std::to_string(file.size()) + " bytes for " +
                     std::to_string(header.entries) + " metadata",
                 "download or copy the file again");
  GgufCursor ahead = cursor;
  GgufModel model;
  model.architecture = find_architecture(ahead, header.entries);
  if (ahead.failed()) return ahead.failure();
  model.version = header.version;
  model.size_bytes = file.size();
  for (std::uint64_t i = 0; i < header.entries && !cursor.failed(); ++i)
    read_entry(read_key(cursor), cursor, model);
  read_tensors(cursor, header.tensors, model);
  if (cursor.failed()) return cursor.failure();
  if (model.file_type) model.quantization = quantization_name(*model.file_type);
  return model;
}

Result<GgufModel> read_gguf(const Bytes& file) {
  Result<GgufModel> model = read_gguf_part(file);
  if (model && model->architecture.empty()) return without_architecture(*model);
  return model;
}

std::string architecture_of(const Bytes& file) {
  GgufCursor cursor(file);
  const Result<Header> header = read_header(file, cursor);
  return header ? find_architecture(cursor, header->entries) : std::string();
}

}  // namespace tachikoma::base
