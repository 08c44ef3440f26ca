// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::base {

/// What a GGUF file says of its model in its metadata. Empty and absent: it does not say.
struct GgufModel {
  std::uint32_t version = 0;                        ///< of the format, 2 or 3
  std::string architecture = {};                    ///< "llama", "gpt-oss"
  std::string type = {};                            ///< "model", "mmproj", "adapter"
  std::string name = {};                            ///< as are these, text for people
  std::string basename = {};                        ///< "Llama-3.2"
  std::string size_label = {};                      ///< "3B"
  std::string quantization = {};                    ///< of most of its weights, "Q4_K_M"
  std::uint64_t size_bytes = 0;                     ///< on disk, all shards together
  std::uint32_t shards = 1;                         ///< files that it consists of
  std::optional<std::int64_t> layers = {};          ///< without the output layer
  std::optional<std::int64_t> context_length = {};  ///< tokens that it was trained for
  std::optional<std::int64_t> embedding_length = {};
  std::vector<std::int64_t> heads = {};           ///< one number for all layers, or one for each
  std::vector<std::int64_t> kv_heads = {};        ///< the same; empty: as many as `heads`
  std::optional<std::int64_t> key_length = {};    ///< of one head
  std::optional<std::int64_t> value_length = {};  ///< of one head
  std::optional<std::int64_t> experts = {};
  std::optional<std::int64_t> experts_used = {};
  std::optional<std::int64_t> sliding_window = {};  ///< tokens that some of the layers look back
  std::optional<std::int64_t> pooling_type = {};    ///< how the vectors of a text's tokens become one
  std::optional<std::int64_t> file_type = {};       ///< what `quantization` is read from
  bool chat_template = false;

  /// True for the part of a model that sees images ("mmproj"): no model by itself.
  bool is_projector() const { return type == "mmproj" || architecture == "clip"; }
  /// True for a model that turns texts into vectors, and answers nothing.
  bool is_embedding() const;
};

/// Reads the metadata of a GGUF file, version 2 or 3; what follows it is not looked at. Safe on any bytes: no
/// length is believed, and nothing that is not kept is held in memory. Fails with `unsupported` for a format
/// that is no longer read (GGML's older ones, big-endian, version 1), and with `protocol` for a damaged file;
/// the message says at which byte, and continues a sentence that begins with the file's name.
Result<GgufModel> read_gguf(const Bytes& file);

/// The same of a file on disk, with its shards when its name is that of one. The message names the file.
/// `invalid_argument`: it, or one of its shards, can't be read.
Result<GgufModel> read_gguf_file(const std::filesystem::path& file);

/// "Q4_K_M" for the number that GGUF files have for it; empty for one that is not known.
std::string_view quantization_name(std::int64_t file_type);

/// How the name of a model's file ends.
inline constexpr std::string_view kGgufSuffix = ".gguf";

/// What the name of a shard says: "big-00002-of-00003.gguf".
struct GgufShard {
  std::string stem;  ///< "big"
  unsigned index;    ///< 2
  unsigned count;    ///< 3

  std::string file_name(unsigned of_index) const;
};
/// Nothing when `file_name` is not that of a shard.
std::optional<GgufShard> read_shard_name(std::string_view file_name);

}  // namespace tachikoma::base
