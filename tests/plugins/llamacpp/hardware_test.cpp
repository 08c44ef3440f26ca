// SPDX-License-Identifier: MIT
// What is known of the machine: its GPUs as llama-server lists them, and what there is of a server that
// somebody else runs.
#include "llamacpp/hardware.hpp"

#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

// "NAME 24564 (23592 free), NAME ?": in MiB; "no list" when it is none.
std::string devices(const std::string& text) {
  const auto gpus = read_devices(text);
  if (!gpus) return "no list";
  std::string all;
  for (const Gpu& gpu : *gpus)
    all += (all.empty() ? "" : ", ") + gpu.name + " " +
           (gpu.memory_bytes ? std::to_string(gpu.memory_bytes.value / kMiB) + " (" +
                                   std::to_string(gpu.free_bytes.value / kMiB) + " free)"
                             : "?");
  return all;
}

std::string recorded(const std::string& name) {
  const std::string folder = TACHIKOMA_SOURCE_DIR "/tests/fixtures/llamacpp/";
  return devices(read_file(folder + "devices_" + name + ".txt"));
}

}  // namespace

TEST_CASE("GPUs are read from the server's own list, and nothing else on it is taken for one") {
  CHECK(recorded("none").empty());
  CHECK(recorded("cuda") ==
        "NVIDIA GeForce RTX 4090 24564 (23592 free), NVIDIA RTX A4000 16376 (16101 free)");
  CHECK(recorded("cuda_after") == "NVIDIA GeForce RTX 4090 24564 (23592 free)");
  CHECK(recorded("vulkan") ==
        "AMD Radeon RX 7900 XTX (RADV NAVI31) 24560 (24203 free), Intel(R) UHD Graphics 770 (ADL-S GT1) ?");
  CHECK(recorded("metal") == "Apple M2 Ultra 147456 (147455 free)");
}

TEST_CASE("What is no list of devices is not taken for a machine without GPUs") {
  CHECK(devices("") == "no list");
  CHECK(devices("error: invalid argument: --list-devices\n") == "no list");
  CHECK(devices("Available devices:\n").empty());
  CHECK(devices("Available devices:\r\n  CUDA0: A (1 MiB, 1 MiB free)\r\n") == "A 1 (1 free)");
  for (const char* broken :
       {"  CUDA0 A (1 MiB, 1 MiB free)", "  CUDA0: A (x MiB, 1 MiB free)", "  CUDA0: A (1 MiB, x MiB free)",
        "  CUDA0: A", "  CUDA0: A (1 MiB free)", " MiB free)", "  (1: 2 MiB, 3 MiB free)"})
    CHECK(devices(std::string("Available devices:\n") + broken + "\n").empty());
}

TEST_CASE("Of a server that somebody else runs, the machine is known only when it is this one") {
  const Result<Hardware> other = survey_server_at({.host = "192.168.1.9", .port = 8080});
  CHECK(other.error().code == ErrorCode::unsupported);
  CHECK_THAT(other.error().message, ContainsSubstring("http://192.168.1.9:8080"));
  const TempDir root;
  root.write("proc/meminfo", "MemTotal:     1024000 kB\nMemAvailable:   819200 kB\n");
  root.write("sys/bus/pci/devices/0/class", "0x060000\n");
  const Hardware here =
      survey_server_at({.host = "127.0.0.1", .port = 8080}, root.path(), root.path() / "no-nvml.so").value();
  const std::string suffix = ", as http://127.0.0.1:8080 is on this machine";
  CHECK(here.ram_bytes.value / kMiB == 1000);
  CHECK(here.ram_bytes.basis == "/proc/meminfo of this machine" + suffix);
  CHECK(here.available_ram_bytes.value / kMiB == 800);
  CHECK(here.vram_bytes);
  CHECK(here.vram_bytes.value == 0);
  CHECK(here.vram_bytes.basis == "no GPU of NVIDIA or AMD is on the PCI bus of this machine" + suffix);
}
