// SPDX-License-Identifier: MIT
// The GPUs of this machine: NVIDIA's by a library with the interface of their driver's, AMD's by a tree of
// sysfs.
#include "base/machine_gpus.hpp"

#include <dlfcn.h>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/nvml/fake_nvml.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr long long kGiB = 1LL << 30;

// The stand-in for NVIDIA's library; the code under test opens it once more, as the same.
class NvmlLibrary {
 public:
  NvmlLibrary() : handle_(::dlopen(kFile, RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE(handle_);
    REQUIRE(::dlsym(handle_, "fake_nvml"));
    fake() = FakeNvml{};
  }
  ~NvmlLibrary() { ::dlclose(handle_); }
  NvmlLibrary(const NvmlLibrary&) = delete;
  NvmlLibrary& operator=(const NvmlLibrary&) = delete;

  FakeNvml& fake() const { return *static_cast<FakeNvml*>(::dlsym(handle_, "fake_nvml")); }
  static constexpr char kFile[] = TACHIKOMA_FAKE_NVML;

 private:
  void* handle_;
};

// "24 of 24 GiB, 8 of 16 GiB = 32 of 40 GiB", or the reason why the sum is not known
std::string gibibytes(const base::MachineGpus& machine) {
  const auto figure = [](const Sourced<std::int64_t>& bytes) {
    return bytes ? std::to_string(bytes.value / kGiB) : "?";
  };
  std::string text;
  for (const Gpu& gpu : machine.gpus)
    text += (text.empty() ? "" : ", ") + gpu.name + " " + figure(gpu.free_bytes) + " of " +
            figure(gpu.memory_bytes);
  if (!machine.memory_bytes) return text + " = " + machine.memory_bytes.basis;
  return text + " = " + figure(machine.free_bytes) + " of " + figure(machine.memory_bytes);
}

struct Tree {
  TempDir root{};
  void card(const std::string& name, const std::string& vendor, const std::string& total = "",
            const std::string& used = "", const std::string& product = "") const {
    const std::string device = "sys/class/drm/" + name + "/device/";
    root.write(device + "vendor", vendor + "\n");
    root.write(device + "device", "0x744c\n");
    if (!total.empty()) root.write(device + "mem_info_vram_total", total + "\n");
    if (!used.empty()) root.write(device + "mem_info_vram_used", used + "\n");
    if (!product.empty()) root.write(device + "product_name", product + "\n");
  }
  void pci(const std::string& address, const std::string& kind, const std::string& vendor) const {
    root.write("sys/bus/pci/devices/" + address + "/class", kind + "\n");
    root.write("sys/bus/pci/devices/" + address + "/vendor", vendor + "\n");
  }
  base::MachineGpus gpus(const std::string& nvml = "libtachikoma-none.so.1") const {
    return base::read_machine_gpus(root.path(), nvml);
  }
};

const std::string kAbsent =
    "the library of NVIDIA's driver can't be opened: libtachikoma-none.so.1: cannot open shared object file: "
    "No such file or directory";

}  // namespace

TEST_CASE("NVIDIA's GPUs are those that their driver lists, with what is free of their memory") {
  const NvmlLibrary library;
  FakeNvml& fake = library.fake();
  fake.count = 2;
  fake.devices[0] = {"NVIDIA GeForce RTX 4090", 0, 24 * kGiB, 23 * kGiB};
  fake.devices[1] = {"NVIDIA H200", 0, 139 * kGiB, 100 * kGiB};
  const Tree tree;
  const base::MachineGpus machine = tree.gpus(library.kFile);
  CHECK(gibibytes(machine) == "NVIDIA GeForce RTX 4090 23 of 24, NVIDIA H200 100 of 139 = 123 of 163");
  CHECK(machine.gpus[0].memory_bytes.source == Source::measured);
  CHECK(machine.memory_bytes.basis == "NVIDIA's driver on this machine (NVML)");
  CHECK(fake.users == 0);  // it was shut down again

  SECTION("a GPU that shares the machine's RAM has no memory of its own to tell") {
    fake.devices[1] = {"NVIDIA GB10", 3, 0, 0};
    CHECK(gibibytes(tree.gpus(library.kFile)) ==
          "NVIDIA GeForce RTX 4090 23 of 24, NVIDIA GB10 ? of ? = NVIDIA's driver on this machine does not "
          "report "
          "it: Not Supported");
  }
  SECTION("figures that can't be right are none") {
    fake.count = 1;
    fake.devices[0] = {"A", 0, 1, 2};
    CHECK(gibibytes(tree.gpus(library.kFile)) ==
          "A ? of ? = the figures of NVIDIA's driver on this machine can't be right");
  }
  SECTION("an overlong name is left out") {
    const std::string name(200, 'x');
    fake.count = 1;
    fake.devices[0] = {name.c_str(), 0, 2 * kGiB, kGiB};
    CHECK(gibibytes(tree.gpus(library.kFile)) == "NVIDIA GPU 0 1 of 2 = 1 of 2");
  }
}

TEST_CASE("Without NVIDIA's driver the memory of GPUs is unknown, and the reason is told") {
  const NvmlLibrary library;
  const Tree tree;
  tree.pci("0000:01:00.0", "0x030200", "0x10de");
  CHECK(gibibytes(tree.gpus()) == " = " + kAbsent);
  CHECK(gibibytes(tree.gpus("libm.so.6")) == " = 'libm.so.6' has no function nvmlInit_v2");
  library.fake().init_code = 9;
  CHECK(gibibytes(tree.gpus(library.kFile)) == " = NVIDIA's driver can't be used: Driver Not Loaded");
  library.fake() = FakeNvml{};
  library.fake().count_code = 999;
  CHECK(gibibytes(tree.gpus(library.kFile)) == " = NVIDIA's driver does not list its GPUs: Unknown Error");
  CHECK(library.fake().users == 0);

  SECTION("so it is where the bus can't be read") { CHECK(gibibytes(Tree().gpus()) == " = " + kAbsent); }
}

TEST_CASE("A machine whose bus has no GPU has no memory of GPUs") {
  const Tree tree;
  tree.pci("0000:00:00.0", "0x060000", "0x8086");
  tree.pci("0000:00:01.0", "0x020000", "0x10de");  // of NVIDIA, but a network card
  tree.pci("0000:00:02.0", "0x030000", "0x1234");  // a virtual machine's screen
  const base::MachineGpus machine = tree.gpus();
  CHECK(machine.memory_bytes.source == Source::measured);
  CHECK(gibibytes(machine) == " = 0 of 0");
  CHECK(machine.memory_bytes.basis == "no GPU of NVIDIA or AMD is on the PCI bus of this machine");

  tree.pci("0000:00:03.0", "0x030000", "0x8086");
  CHECK(gibibytes(tree.gpus()) == " = the memory of a GPU of Intel is not read");
}

TEST_CASE("AMD's GPUs are those of sysfs, in the order of their cards") {
  const Tree tree;
  tree.card("card10", "0x1002", std::to_string(16 * kGiB), std::to_string(kGiB));
  tree.card("card2", "0x1002", std::to_string(24 * kGiB), std::to_string(4 * kGiB), "AMD Radeon RX 7900 XTX");
  tree.card("card0", "0x8086");
  tree.card("card2-DP-1", "0x1002", "1", "1");  // a connector
  tree.card("renderD128", "0x1002", "1", "1");
  tree.pci("0000:03:00.0", "0x030000", "0x1002");
  const base::MachineGpus machine = tree.gpus();
  CHECK(gibibytes(machine) == "AMD Radeon RX 7900 XTX 20 of 24, AMD GPU 0x744c 15 of 16 = 35 of 40");
  CHECK(machine.free_bytes.basis == "AMD's driver on this machine (sysfs)");

  SECTION("together with NVIDIA's") {
    const NvmlLibrary library;
    library.fake().count = 1;
    library.fake().devices[0] = {"NVIDIA T4", 0, 16 * kGiB, 16 * kGiB};
    const base::MachineGpus both = tree.gpus(library.kFile);
    CHECK(gibibytes(both) ==
          "NVIDIA T4 16 of 16, AMD Radeon RX 7900 XTX 20 of 24, AMD GPU 0x744c 15 of 16 = 51 of 56");
    CHECK(both.memory_bytes.basis == "the drivers of NVIDIA and AMD on this machine");
  }
  SECTION("one that does not say its memory makes the sum unknown") {
    tree.card("card3", "0x1002", "much");
    CHECK_THAT(gibibytes(tree.gpus()),
               ContainsSubstring(" = AMD's driver on this machine does not report it"));
  }
}

TEST_CASE("An AMD GPU that no driver serves is not taken for none") {
  const Tree tree;
  tree.pci("0000:03:00.0", "0x120000", "0x1002");
  CHECK(gibibytes(tree.gpus()) == " = no driver serves the AMD GPU of this machine");
}

TEST_CASE("This machine's own GPUs are read, whatever it has") {
  const base::MachineGpus machine = base::read_machine_gpus();
  CHECK_FALSE(machine.memory_bytes.basis.empty());
  CHECK(machine.memory_bytes.value >= machine.free_bytes.value);
}
