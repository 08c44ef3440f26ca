// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::sessions {

// The lines of a batch's output and of its error file, as OpenAI's batch API writes them. `request` is the
// number of the line in the input, from 0.

Value batch_answer(std::size_t request, const std::string& custom_id, const Reply& reply);
Value batch_answer(std::size_t request, const std::string& custom_id, const EmbeddingReply& reply);
Value batch_failure(std::size_t request, const std::string& custom_id, const Error& error);

}  // namespace tachikoma::sessions
