// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// What the simulator sees of an image.
struct SeenImage {
  std::string mime_type;
  std::size_t bytes = 0;  ///< of the file, decoded
};

/// The number of bytes that base64 text encodes; nothing when it is not valid base64.
std::optional<std::size_t> decoded_size(std::string_view base64);

/// Reads "data:image/png;base64,…"; nothing for any other URL or invalid base64.
std::optional<SeenImage> read_data_url(std::string_view url);

}  // namespace lmstudio_sim
