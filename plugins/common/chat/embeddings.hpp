// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// The body of a POST /v1/embeddings. It requests no encoding: LM Studio always sends numbers.
std::string write_embedding_request(std::string_view model, std::span<const std::string> texts);

/// The vectors of the reply `body`, which has `kTailRoom` readable bytes behind it, in the order of their
/// `index`. Fails with `protocol`, naming `source`, unless there is one for each of `count` texts, all of one
/// length.
Result<Embeddings> read_embeddings(std::string_view body, std::size_t count, std::string_view source);

}  // namespace tachikoma::kit
