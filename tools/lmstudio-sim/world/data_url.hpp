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

/// How many bytes this base64 stands for; nothing when it is none.
std::optional<std::size_t> decoded_size(std::string_view base64);

/// Reads "data:image/png;base64,…"; nothing for any other URL, and for base64 that is none.
std::optional<SeenImage> read_data_url(std::string_view url);

}  // namespace lmstudio_sim
