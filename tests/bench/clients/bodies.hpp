// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tachikoma::bench {

/// Text as a JSON string, with its quotes.
std::string json_string(const std::string& text);
/// The bodies of requests as clients without a framework write them.
std::string chat_body(const std::vector<std::string>& messages, std::int64_t chunks, bool stream = true);
std::string embedding_body(const std::vector<std::string>& texts);

}  // namespace tachikoma::bench
