// SPDX-License-Identifier: MIT
#pragma once

namespace lmstudio_sim {

/// The engines that would run the models, by format.
inline constexpr char kLlamaEngine[] = "llama.cpp-linux-x86_64-simulated";
inline constexpr char kMlxEngine[] = "mlx-llm-mac-arm64-simulated";
inline constexpr char kEngineVersion[] = "1.0.0";

}  // namespace lmstudio_sim
