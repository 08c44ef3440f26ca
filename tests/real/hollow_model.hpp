// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "support/gguf_writer.hpp"

namespace tachikoma::testing {

/// A model of zeros, which takes no disk however large it is, and which a real llama.cpp server loads in
/// milliseconds: for what depends on shapes alone.
struct HollowModel {
  std::string architecture = "llama";  ///< one of those that `write` knows
  std::uint32_t layers = 8, width = 256, heads = 4, kv_heads = 4, feed_forward = 512;
  std::uint32_t context = 4096, vocabulary = 300;
  std::uint32_t head_length = 0;  ///< 0: the width over the heads
  std::uint32_t experts = 0, experts_used = 2;
  std::uint32_t window = 512;                ///< of architectures that have one
  std::uint32_t inner = 512, state = 128;    ///< of those with a recurrent state
  std::uint32_t latent = 128, rotated = 32;  ///< of a compressed key, of those that have one
  bool tied = false;                         ///< the matrix of the tokens is the output's too
  GgufTensorKind weights = kF32;             ///< the large ones

  void write(const std::string& path) const;
};

/// The part that sees of a model whose embeddings are so wide, of zeros likewise.
void write_hollow_projector(const std::string& path, std::uint32_t model_width);

}  // namespace tachikoma::testing
