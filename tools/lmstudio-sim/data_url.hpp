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

/// Reads "data:image/png;base64,…"; nothing for any other URL, and for base64 that is none.
std::optional<SeenImage> read_data_url(std::string_view url);

}  // namespace lmstudio_sim
