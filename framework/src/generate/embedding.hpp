// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

#include "generate/generation.hpp"
#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma {

// Embedding and token counting, for the members of `Runtime` with the same names. There
// is no fallback: the vectors and tokens of another model don't compare.

Result<EmbeddingReply> embed(const generate::Parts& parts, EmbeddingRequest request);
Result<Sourced<std::int64_t>> count_tokens(const generate::Parts& parts, const TextRequest& request);
Result<Sourced<std::int64_t>> count_tokens(const generate::Parts& parts, std::string_view model,
                                           std::string_view text, std::stop_token stop);

}  // namespace tachikoma
