// SPDX-License-Identifier: MIT
#include "gpu_layers.hpp"

#include <cmath>

namespace tachikoma::cli {

std::string in_short(const GpuLayers& layers) {
  if (layers == GpuLayers::none()) return "none";
  switch (layers.kind) {
    case GpuLayers::Kind::all: return "all";
    case GpuLayers::Kind::count: return std::to_string(layers.count);
    case GpuLayers::Kind::ratio: break;
  }
  return std::to_string(std::lround(layers.ratio * 100)) + "%";
}

}  // namespace tachikoma::cli
