// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::base {

/// What a block of a model keeps of the tokens that it has read, besides keys and values.
enum class GgufState : std::uint8_t { none, rwkv, convolution, delta_net, mamba2, mamba };

/// A block ("layer") of a model, by its tensors.
struct GgufBlock {
  std::uint64_t bytes = 0;
  bool attention = false;  ///< it computes keys and values
  GgufState state = GgufState::none;
};

/// Blocks beyond so many are counted with the output; llama.cpp reads at most 512.
inline constexpr std::size_t kMostGgufBlocks = 1024;

/// The tensors of a model, by what an engine does with them.
struct GgufTensors {
  std::uint64_t count = 0;
  std::uint64_t parameters = 0;
  std::uint64_t bytes = 0;            ///< of those whose kind is known
  std::uint64_t input_bytes = 0;      ///< of it, what turns tokens into vectors
  std::uint64_t embedding_bytes = 0;  ///< of that, the matrix of the tokens
  std::uint32_t embedding_type = 0;   ///< the number of that one's kind
  std::uint64_t output_bytes = 0;     ///< what belongs to no block and is no input
  std::vector<GgufBlock> blocks = {};
  bool output = false;                      ///< a matrix of its own for the output; else the input's serves
  std::uint64_t vocabulary = 0;             ///< tokens
  std::uint64_t per_layer_embedding = 0;    ///< the length of what a token has for all layers; 0: nothing
  std::uint64_t feed_forward = 0;           ///< the widest one's length, of all blocks; 0: there is none
  std::uint64_t expert_feed_forward = 0;    ///< the same of one expert
  std::uint64_t feed_forward_up = 0;        ///< the longest vector of the first step of one
  bool gate = false;                        ///< one has a gate, in a matrix of its own
  std::vector<std::int64_t> unknown_types;  ///< numbers that have no name here

  bool gated() const { return gate || feed_forward_up > feed_forward; }
  /// Adds those of another file of the model.
  void add(const GgufTensors& more);
};

/// A model, as the metadata of its GGUF file describes it. Empty or absent: not stated there.
struct GgufModel {
  std::uint32_t version = 0;                        ///< of the format, 2 or 3
  std::string architecture = {};                    ///< "llama", "gpt-oss"
  std::string type = {};                            ///< "model", "mmproj", "adapter"
  std::string adapter_type = {};                    ///< "lora"
  std::string name = {};                            ///< display text, like the next two
  std::string basename = {};                        ///< "Llama-3.2"
  std::string size_label = {};                      ///< "3B"
  std::string quantization = {};                    ///< of most of its weights, "Q4_K_M"
  std::uint64_t size_bytes = 0;                     ///< on disk, all shards together
  std::uint32_t shards = 1;                         ///< number of files
  std::optional<std::int64_t> layers = {};          ///< without the output layer
  std::optional<std::int64_t> context_length = {};  ///< tokens, as trained
  std::optional<std::int64_t> embedding_length = {};
  std::vector<std::int64_t> heads = {};           ///< one number for all layers, or one for each
  std::vector<std::int64_t> kv_heads = {};        ///< the same; empty: as many as `heads`
  std::optional<std::int64_t> key_length = {};    ///< of one head
  std::optional<std::int64_t> value_length = {};  ///< of one head
  std::optional<std::int64_t> experts = {};
  std::optional<std::int64_t> experts_used = {};
  std::optional<std::int64_t> sliding_window = {};  ///< tokens that some layers attend to
  /// Which layers that are: a flag for each, or one number, every how many layers one attends to all.
  std::vector<std::int64_t> sliding_pattern = {};
  std::optional<std::int64_t> sliding_key_length = {};  ///< of one head of such a layer, if it differs
  std::optional<std::int64_t> sliding_value_length = {};
  std::optional<std::int64_t> latent_key_length = {};  ///< of one head before it is compressed (MLA)
  std::optional<std::int64_t> shared_kv_layers = {};   ///< at the end: they use the cache of earlier ones
  std::optional<std::int64_t> prediction_layers = {};  ///< at the end: they predict more than one token
  // the sizes of a recurrent state
  std::optional<std::int64_t> state_convolution = {}, state_inner = {}, state_size = {}, state_groups = {};
  std::optional<std::int64_t> state_heads = {};                       ///< "time_step_rank"
  std::optional<std::int64_t> convolution_cache = {};                 ///< LFM2's
  std::optional<std::int64_t> wkv_head_size = {}, token_shifts = {};  ///< RWKV's
  std::optional<std::int64_t> pooling_type = {};  ///< how token vectors are combined into one
  std::optional<std::int64_t> file_type = {};     ///< the source of `quantization`
  bool chat_template = false;
  bool template_tools = false;                    ///< the template writes tools
  bool template_reasoning = false;                ///< the template knows of reasoning
  std::optional<std::int64_t> split_number = {};  ///< of a shard, from 0
  std::optional<std::int64_t> split_count = {};
  std::optional<std::int64_t> alignment = {};  ///< of the tensors, in bytes
  GgufTensors tensors = {};                    ///< of all its files
  bool token_embeddings = false;               ///< it has that tensor
  bool mtp_head = false;                       ///< it has tensors that predict more than one token
  // what only a projector has
  bool sees = false, hears = false;
  std::optional<std::int64_t> vision_width = {};  ///< the embedding length that its output is for
  std::optional<std::int64_t> audio_width = {};
  std::vector<std::int64_t> connector_widths = {};  ///< of the tensors behind its encoder

  /// True for the part of a model that sees or hears ("mmproj"): not a model on its own.
  bool is_projector() const { return type == "mmproj" || architecture == "clip"; }
  /// True for a model that reads a text as a whole, and keeps nothing of it.
  bool is_encoder() const;
  /// True for an embedding model, which generates no text.
  bool is_embedding() const;
  /// True for a model that scores texts against a query, and generates none.
  bool is_reranker() const;
};

/// The most memory that reading one file takes, its result included.
inline constexpr std::size_t kGgufMemory = std::size_t{4} << 20;

/// Reads the metadata of a GGUF file, version 2 or 3, and its list of tensors, whose numbers must be there.
/// Safe on any bytes: no length is trusted, and reading never holds more than `kGgufMemory` bytes. Fails with
/// `unsupported` for a file of another format, or of one that is no longer read (GGML's older ones,
/// big-endian, version 1), and with `protocol` for a damaged file; the message says at which byte, and
/// continues a sentence that begins with the file's name.
Result<GgufModel> read_gguf(const Bytes& file);

/// The same for a file that may be a later shard: its architecture is then empty.
Result<GgufModel> read_gguf_part(const Bytes& file);

/// The architecture alone; empty if it has none, or is no GGUF. Reads little of the file.
std::string architecture_of(const Bytes& file);

/// The same as `read_gguf` for a file on disk, with all shards if it is one. The message names the file.
/// Fails with `invalid_argument` if the file or one of its shards can't be read.
Result<GgufModel> read_gguf_file(const std::filesystem::path& file);

/// A file's name, quoted for a message: printable, on one line.
std::string quoted_path(const std::filesystem::path& file);

/// The name of a GGUF file type, such as "Q4_K_M"; empty if the number is unknown.
std::string_view quantization_name(std::int64_t file_type);

/// `architecture_of` a file on disk; empty if it can't be read.
std::string gguf_architecture(const std::filesystem::path& file);

/// True if `name` has the extension of model files, in any case: "x.gguf", "X.GGUF".
bool has_gguf_suffix(std::string_view name);
/// `name` without that extension.
std::string_view without_gguf_suffix(std::string_view name);

/// True if a model's name is meant as the path of a file: it has that extension, or starts with "/", "./",
/// "../" or "~/".
bool names_file(std::string_view model);

/// A parsed shard name: "big-00002-of-00003.gguf".
struct GgufShard {
  std::string stem;    ///< "big"
  unsigned index;      ///< 2
  unsigned count;      ///< 3
  std::string suffix;  ///< ".gguf", as it is written

  std::string file_name(unsigned of_index) const;
};
/// Nullopt if `file_name` is not the name of a shard.
std::optional<GgufShard> read_shard_name(std::string_view file_name);
/// The first shard, which stands for the model, if `file` is named like a shard; else `file`.
std::filesystem::path first_shard(const std::filesystem::path& file);

}  // namespace tachikoma::base
