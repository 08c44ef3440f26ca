// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/launch/child_process.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/host.hpp"

namespace tachikoma::llamacpp {

/// The severity that the server itself gives that line of its log; `info` if none.
Severity severity_of(std::string_view line);

/// A buffer that the engine reported.
struct EngineBuffer {
  std::string device;   ///< "CPU", "CPU_Mapped", "CUDA0", "RPC0[192.168.0.2:50052]"
  std::string purpose;  ///< "model", "KV", "compute", "output"
  std::int64_t bytes = 0;

  /// "CUDA_Host" is memory of the machine that the GPU reads.
  bool on_cpu() const { return device.starts_with("CPU") || device.ends_with("_Host"); }
  bool on_rpc_server() const { return device.starts_with("RPC"); }
};

/// Parses the log of llama.cpp's server while it loads a model.
class EngineLog {
 public:
  void add_line(std::string_view line);

  std::optional<std::int64_t> offloaded_layers, all_layers;
  std::optional<std::int64_t> context_length, batch_size, micro_batch_size, parallel, threads;
  std::optional<bool> flash_attention;
  std::optional<double> rope_frequency_base, rope_frequency_scale;
  std::string cache_type_k, cache_type_v;  ///< "f16", "q8_0"; empty: not in the log
  bool mlock_failed = false;               ///< the system did not let it lock the model in RAM
  bool no_gpu = false;                     ///< it has no GPU, and ignores GPU settings
  bool loading_tensors = false;            ///< it has started loading the model's weights
  std::string listening_at;                ///< as it says it; empty until it says that it listens
  std::vector<EngineBuffer> buffers;
  std::vector<std::string> failures;  ///< error lines, without their prefixes

  /// False if it says that it listens elsewhere than on that port of TCP.
  bool may_listen_on(std::uint16_t port) const;
  /// True if it reported its buffers, and none is on a GPU or another machine.
  bool all_in_ram() const { return !buffers.empty() && gpu_bytes() == 0 && rpc_bytes() == 0; }
  /// True if there is no device for layers. A build with the RPC backend, which counts as a GPU even if no
  /// server is given, does not say so, and claims to have put layers there; then its buffers decide.
  bool without_gpu() const { return no_gpu || (offloaded_layers.value_or(0) > 0 && all_in_ram()); }
  std::int64_t total_bytes() const;  ///< on this machine
  std::int64_t gpu_bytes() const;    ///< on GPUs of this machine
  std::int64_t rpc_bytes() const;    ///< on llama.cpp's RPC servers

  /// Why it ended before it was ready, according to the log; `model` names the model.
  Error failure(std::string_view model, const kit::ChildEnd& end) const;

 private:
  void read_listening(std::string_view line);
  void read_context(std::string_view line);
  void read_flash_attention(std::string_view line);
  void read_buffer(std::string_view line);
  void read_offload(std::string_view line);
};

}  // namespace tachikoma::llamacpp
