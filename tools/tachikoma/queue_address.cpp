// SPDX-License-Identifier: MIT
#include "queue_address.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace tachikoma::cli {

Result<std::string> queue_url(const std::string& given) {
  if (!given.empty()) return given;
  const char* const set = std::getenv("TACHIKOMA_QUEUE");
  if (set && *set) return std::string(set);
  return Error(ErrorCode::invalid_argument, "no queue is named",
               "give redis://HOST/NAME, or set TACHIKOMA_QUEUE to it");
}

void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view text(argv[i]);
    const std::size_t login = text.find("redis://"), at = text.rfind('@');
    if (login == std::string_view::npos || at == std::string_view::npos) continue;
    const std::size_t colon = text.find(':', login + std::strlen("redis://"));
    if (colon < at) std::memset(argv[i] + colon + 1, 'x', at - colon - 1);
  }
}

}  // namespace tachikoma::cli
