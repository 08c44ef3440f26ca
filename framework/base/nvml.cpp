// SPDX-License-Identifier: MIT
#include "base/nvml.hpp"

#include <array>
#include <cstdint>
#include <dlfcn.h>
#include <memory>
#include <utility>

#include "base/sourced.hpp"
#include "base/try.hpp"

namespace tachikoma::base {
namespace {

// What is used of NVML's C interface, which has kept these functions since version 5.
using Code = int;  // 0: success
struct Memory {
  unsigned long long total, free, used;  // NOLINT(google-runtime-int): as NVML declares them
};
using Handle = void*;
using Init = Code();
using Shutdown = Code();
using ErrorString = const char*(Code);
using Count = Code(unsigned*);
using ByIndex = Code(unsigned, Handle*);
using Name = Code(Handle, char*, unsigned);
using MemoryInfo = Code(Handle, Memory*);

Error missing(std::string why) { return {ErrorCode::unsupported, std::move(why)}; }

/// The opened library.
class Library {
 public:
  static Result<Library> open(const std::string& name) {
    void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle) return Library(name, handle);
    const char* const why = ::dlerror();
    return missing("the library of NVIDIA's driver can't be opened: " + std::string(why ? why : name));
  }

  /// Sets `function` to the one with that name.
  template <class Function>
  Status find(Function*& function, const char* symbol) const {
    function = reinterpret_cast<Function*>(::dlsym(handle_.get(), symbol));
    if (function) return Done{};
    return missing("'" + name_ + "' has no function " + symbol);
  }

 private:
  Library(std::string name, void* handle) : name_(std::move(name)), handle_(handle, ::dlclose) {}
  std::string name_;
  std::unique_ptr<void, int (*)(void*)> handle_;
};

struct Functions {
  Init* init;
  Shutdown* shutdown;
  ErrorString* error_string;
  Count* count;
  ByIndex* by_index;
  Name* name;
  MemoryInfo* memory;

  std::string words_of(Code code) const {
    const char* const words = error_string(code);
    return words ? words : "error " + std::to_string(code);
  }
};

Result<Functions> functions_of(const Library& library) {
  Functions all{};
  TACHIKOMA_TRY_STATUS(library.find(all.init, "nvmlInit_v2"));
  TACHIKOMA_TRY_STATUS(library.find(all.shutdown, "nvmlShutdown"));
  TACHIKOMA_TRY_STATUS(library.find(all.error_string, "nvmlErrorString"));
  TACHIKOMA_TRY_STATUS(library.find(all.count, "nvmlDeviceGetCount_v2"));
  TACHIKOMA_TRY_STATUS(library.find(all.by_index, "nvmlDeviceGetHandleByIndex_v2"));
  TACHIKOMA_TRY_STATUS(library.find(all.name, "nvmlDeviceGetName"));
  TACHIKOMA_TRY_STATUS(library.find(all.memory, "nvmlDeviceGetMemoryInfo"));
  return all;
}

Gpu gpu_at(const Functions& nvml, unsigned index) {
  Gpu gpu{.name = "NVIDIA GPU " + std::to_string(index)};
  const auto without = [&](Code code) {
    gpu.memory_bytes = gpu.free_bytes =
        unknown("NVIDIA's driver on this machine does not report it: " + nvml.words_of(code));
    return gpu;
  };
  Handle device = nullptr;
  if (const Code code = nvml.by_index(index, &device)) return without(code);
  std::array<char, 97> name{};  // one more than NVML's longest, and always terminated
  if (nvml.name(device, name.data(), name.size() - 1) == 0 && name.front() != '\0') gpu.name = name.data();
  Memory memory{};
  if (const Code code = nvml.memory(device, &memory)) return without(code);
  if (memory.total > INT64_MAX || memory.free > memory.total) {
    gpu.memory_bytes = gpu.free_bytes =
        unknown("the figures of NVIDIA's driver on this machine can't be right");
    return gpu;
  }
  const std::string basis = "NVIDIA's driver on this machine (NVML)";
  gpu.memory_bytes = {static_cast<std::int64_t>(memory.total), Source::measured, basis};
  gpu.free_bytes = {static_cast<std::int64_t>(memory.free), Source::measured, basis};
  return gpu;
}

}  // namespace

Result<std::vector<Gpu>> nvidia_gpus(const std::string& name) {
  TACHIKOMA_TRY(const Library library, Library::open(name));
  TACHIKOMA_TRY(const Functions nvml, functions_of(library));
  if (const Code code = nvml.init()) return missing("NVIDIA's driver can't be used: " + nvml.words_of(code));
  unsigned count = 0;
  const Code counted = nvml.count(&count);
  std::vector<Gpu> gpus;
  for (unsigned i = 0; counted == 0 && i < count; ++i) gpus.push_back(gpu_at(nvml, i));
  nvml.shutdown();
  if (counted != 0) return missing("NVIDIA's driver does not list its GPUs: " + nvml.words_of(counted));
  return gpus;
}

}  // namespace tachikoma::base
