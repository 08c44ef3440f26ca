// SPDX-License-Identifier: MIT
// What is known of the machine: its memory, also in a container, and its GPUs as llama-server lists them.
#include "llamacpp/hardware.hpp"

#include <string>
#include <utility>

#include "base/machine_memory.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

// "NAME 24564, NAME ?": in MiB; "no list" when it is none.
std::string devices(const std::string& text) {
  const auto gpus = read_devices(text);
  if (!gpus) return "no list";
  std::string all;
  for (const Gpu& gpu : *gpus)
    all += (all.empty() ? "" : ", ") + gpu.name + " " +
           (gpu.memory_bytes ? std::to_string(gpu.memory_bytes.value / kMiB) : "?");
  return all;
}

std::string recorded(const std::string& name) {
  const std::string folder = TACHIKOMA_SOURCE_DIR "/tests/fixtures/llamacpp/";
  return devices(read_file(folder + "devices_" + name + ".txt"));
}

// A machine of 1000 MiB, of which 800 can be had, and the files of control groups.
base::MachineMemory memory_of(const std::vector<std::pair<std::string, std::string>>& files) {
  const TempDir root;
  root.write("proc/meminfo", "MemTotal:     1024000 kB\nMemFree:  1 kB\nMemAvailable:   819200 kB\n");
  for (const auto& [name, text] : files) root.write(name, text);
  return base::machine_memory(root.path());
}

std::string numbers(const base::MachineMemory& memory) {
  return std::to_string(memory.total_bytes.value / kMiB) + " " +
         std::to_string(memory.available_bytes.value / kMiB);
}

}  // namespace

TEST_CASE("GPUs are read from the server's own list, and nothing else on it is taken for one") {
  CHECK(recorded("none").empty());
  CHECK(recorded("cuda") == "NVIDIA GeForce RTX 4090 24564, NVIDIA RTX A4000 16376");
  CHECK(recorded("cuda_after") == "NVIDIA GeForce RTX 4090 24564");
  CHECK(recorded("vulkan") ==
        "AMD Radeon RX 7900 XTX (RADV NAVI31) 24560, Intel(R) UHD Graphics 770 (ADL-S GT1) ?");
  CHECK(recorded("metal") == "Apple M2 Ultra 147456");
}

TEST_CASE("What is no list of devices is not taken for a machine without GPUs") {
  CHECK(devices("") == "no list");
  CHECK(devices("error: invalid argument: --list-devices\n") == "no list");
  CHECK(devices("Available devices:\n").empty());
  CHECK(devices("Available devices:\r\n  CUDA0: A (1 MiB, 1 MiB free)\r\n") == "A 1");
  for (const char* broken : {"  CUDA0 A (1 MiB, 1 MiB free)", "  CUDA0: A (x MiB, 1 MiB free)", "  CUDA0: A",
                             "  CUDA0: A (1 MiB free)", " MiB free)", "  (1: 2 MiB, 3 MiB free)"})
    CHECK(devices(std::string("Available devices:\n") + broken + "\n").empty());
}

TEST_CASE("Memory is what the kernel says, with its source") {
  const base::MachineMemory memory = memory_of({});
  CHECK(numbers(memory) == "1000 800");
  CHECK(memory.total_bytes.source == Source::measured);
  CHECK(memory.total_bytes.basis == "/proc/meminfo");
  const TempDir nothing;
  const base::MachineMemory unknown = base::machine_memory(nothing.path());
  CHECK_FALSE(unknown.total_bytes);
  CHECK(unknown.available_bytes.basis == "/proc/meminfo does not report it");
}

TEST_CASE("A container has the memory of its control group, less what is used and can't be dropped") {
  const std::string two = "sys/fs/cgroup/", one = "sys/fs/cgroup/memory/";
  const std::string mib500 = "524288000\n", mib300 = "314572800\n", mib100 = "104857600";
  const base::MachineMemory inside =
      memory_of({{"proc/self/cgroup", "0::/\n"},
                 {two + "memory.max", mib500},
                 {two + "memory.current", mib300},
                 {two + "memory.stat", "anon 1\ninactive_file " + mib100 + "\n"}});
  CHECK(numbers(inside) == "500 300");
  CHECK(inside.total_bytes.basis == "the limit in /sys/fs/cgroup/memory.max");
  CHECK(inside.available_bytes.basis == "the limit in /sys/fs/cgroup/memory.max, less what is used");

  SECTION("without a limit, or with a larger one, the machine's counts") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "0::/\n"}, {two + "memory.max", "max\n"}})) == "1000 800");
    CHECK(numbers(memory_of({{"proc/self/cgroup", "5:cpu:/\n4:memory:/\n"},
                             {one + "memory.limit_in_bytes", "9223372036854771712\n"},
                             {one + "memory.usage_in_bytes", mib300}})) == "1000 800");
  }
  SECTION("the first version of control groups has other files") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "4:memory:/docker/x\n"},
                             {one + "docker/x/memory.limit_in_bytes", mib500},
                             {one + "docker/x/memory.usage_in_bytes", mib300},
                             {one + "docker/x/memory.stat", "total_inactive_file " + mib100}})) == "500 300");
  }
  SECTION("the least limit of all groups around counts") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "0::/a/b\n"},
                             {two + "a/b/memory.max", "max\n"},
                             {two + "a/memory.max", mib300},
                             {two + "a/memory.current", mib100}})) == "300 200");
  }
  SECTION("a path that is not mounted here stands for what is") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "0::/../elsewhere\n"}, {two + "memory.max", mib300}})) ==
          "300 800");
  }
}

TEST_CASE("Of a server that somebody else runs, the machine is known only when it is this one") {
  const Result<Hardware> other = survey_server_at({.host = "192.168.1.9", .port = 8080});
  CHECK(other.error().code == ErrorCode::unsupported);
  CHECK_THAT(other.error().message, ContainsSubstring("http://192.168.1.9:8080"));
  const Hardware here = survey_server_at({.host = "127.0.0.1", .port = 8080}).value();
  CHECK(here.ram_bytes.value > 0);
  CHECK_THAT(here.ram_bytes.basis, ContainsSubstring("as http://127.0.0.1:8080 is on this machine"));
  CHECK_FALSE(here.vram_bytes);
  CHECK_FALSE(here.vram_bytes.basis.empty());
}
