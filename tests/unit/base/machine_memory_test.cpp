// SPDX-License-Identifier: MIT
// The memory of this machine, as the kernel tells it, also in a container, and the pressure on it.
#include "base/machine_memory.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

// A machine of 1000 MiB, of which 800 can be had, and the files of control groups.
MachineMemory memory_of(const std::vector<std::pair<std::string, std::string>>& files) {
  const TempDir root;
  root.write("proc/meminfo", "MemTotal:     1024000 kB\nMemFree:  1 kB\nMemAvailable:   819200 kB\n");
  for (const auto& [name, text] : files) root.write(name, text);
  return read_machine_memory(root.path());
}

std::string numbers(const MachineMemory& memory) {
  return std::to_string(memory.limit_bytes.value / kMiB) + " " +
         std::to_string(memory.available_bytes.value / kMiB);
}

}  // namespace

TEST_CASE("Memory is what the kernel says, with its source") {
  const MachineMemory memory = memory_of({});
  CHECK(numbers(memory) == "1000 800");
  CHECK(memory.limit_bytes.source == Source::measured);
  CHECK(memory.limit_bytes.basis == "/proc/meminfo of this machine");
  const TempDir nothing;
  const MachineMemory unknown = read_machine_memory(nothing.path());
  CHECK_FALSE(unknown.limit_bytes);
  CHECK(unknown.available_bytes.basis == "/proc/meminfo of this machine does not report it");
}

TEST_CASE("A container has the memory of its control group, less what is used and can't be dropped") {
  const std::string two = "sys/fs/cgroup/", one = "sys/fs/cgroup/memory/";
  const std::string mib500 = "524288000\n", mib300 = "314572800\n", mib100 = "104857600";
  const MachineMemory inside = memory_of({{"proc/self/cgroup", "0::/\n"},
                                          {two + "memory.max", mib500},
                                          {two + "memory.current", mib300},
                                          {two + "memory.stat", "anon 1\ninactive_file " + mib100 + "\n"}});
  CHECK(numbers(inside) == "500 300");
  CHECK(inside.limit_bytes.basis == "the limit in /sys/fs/cgroup/memory.max of this machine");
  CHECK(inside.available_bytes.basis ==
        "the limit in /sys/fs/cgroup/memory.max of this machine, less what is used");

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
          "300 300");
  }
  SECTION("where a group is slowed down is its limit too") {
    const MachineMemory slowed = memory_of({{"proc/self/cgroup", "0::/a\n"},
                                            {two + "a/memory.max", mib500},
                                            {two + "a/memory.high", mib300},
                                            {two + "a/memory.current", mib100}});
    CHECK(numbers(slowed) == "300 200");
    CHECK(slowed.limit_bytes.basis == "the limit in /sys/fs/cgroup/a/memory.high of this machine");
    CHECK(slowed.installed_bytes.value == 1000 * kMiB);
  }
  SECTION("a controller that is mounted with others is found among them") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "4:cpu,memory:/x\n0::/\n"},
                             {one + "x/memory.limit_in_bytes", mib300}})) == "300 300");
  }
  SECTION("more in use than the limit allows leaves nothing") {
    CHECK(numbers(memory_of({{"proc/self/cgroup", "0::/\n"},
                             {two + "memory.max", mib300},
                             {two + "memory.current", mib500}})) == "300 0");
  }
}

TEST_CASE("A program outside this process's control groups has the machine's memory") {
  const TempDir root;
  root.write("proc/meminfo", "MemTotal:     1024000 kB\nMemAvailable:   819200 kB\n");
  root.write("proc/self/cgroup", "0::/\n");
  root.write("sys/fs/cgroup/memory.max", "314572800\n");
  CHECK(numbers(read_whole_machine_memory(root.path())) == "1000 800");
  CHECK(read_machine_memory(root.path()).limit_bytes.value == 300 * kMiB);
}

TEST_CASE("Pressure is the largest share of the machine and of the groups around") {
  const auto stall = [](const char* some, const char* full) {
    return std::string("some avg10=") + some + " avg60=90.00 avg300=0.00 total=1\nfull avg10=" + full +
           " avg60=90.00 avg300=0.00 total=1\n";
  };
  const std::string file = "proc/pressure/memory", group = "sys/fs/cgroup/a/memory.pressure";
  const MemoryPressure machine = memory_of({{file, stall("12.50", "2.00")}}).pressure;
  CHECK(machine.some.value == Approx(0.125));
  CHECK(machine.full.value == Approx(0.02));
  CHECK(machine.some.source == Source::measured);
  CHECK(machine.some.basis == "/proc/pressure/memory of this machine");

  const MemoryPressure inside = memory_of({{file, stall("12.50", "2.00")},
                                           {"proc/self/cgroup", "0::/a/b\n"},
                                           {group, stall("7.00", "40.25")}})
                                    .pressure;
  CHECK(inside.some.value == Approx(0.125));
  CHECK(inside.full.value == Approx(0.4025));
  CHECK(inside.full.basis == "/sys/fs/cgroup/a/memory.pressure of this machine");

  for (const char* broken :
       {"", "some avg10=x\n", "some avg10=-1.00\n", "some avg10=nan\n", "full avg60=1.00\n"}) {
    const MemoryPressure none = memory_of({{file, broken}}).pressure;
    CHECK_FALSE(none.some);
    CHECK_THAT(none.some.basis, ContainsSubstring("can't be read"));
  }
}

TEST_CASE("This machine's memory is known, with no more available than there is") {
  const MachineMemory memory = read_machine_memory();
  CHECK(memory.installed_bytes.value > 0);
  CHECK(memory.limit_bytes.value <= memory.installed_bytes.value);
  CHECK(memory.available_bytes.value <= memory.limit_bytes.value);
}
