// SPDX-License-Identifier: MIT
#include "lmstudio/hardware.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/machine_memory.hpp"
#include "base/sourced.hpp"
#include "common/chat/model_list.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kSurvey = "LM Studio's hardware survey";

base::MachineMemory system_memory() {
  std::ifstream file("/proc/meminfo");
  return base::read_meminfo(std::string(std::istreambuf_iterator<char>(file), {}));
}

// The engine that suits this machine; else the first.
const Value& chosen_engine(const Value& survey) {
  const Value::Array& engines = survey["engines"].elements();
  static const Value none;
  for (const Value& engine : engines)
    if (engine["compatibility"]["status"].as_string() == "compatible") return engine;
  return engines.empty() ? none : engines.front();
}

Hardware read_survey(const Value& survey) {
  const Value& engine = chosen_engine(survey);
  const Value& memory = engine["memoryInfo"];
  Hardware hardware;
  hardware.ram_bytes = kit::reported(memory["ramCapacity"], kSurvey, "the RAM");
  hardware.vram_bytes = kit::reported(memory["vramCapacity"], kSurvey, "the memory of the GPUs");
  for (const Value& gpu : engine["hardwareSurvey"]["gpuSurveyResult"]["gpuInfo"].elements())
    hardware.gpus.push_back(
        {std::string(gpu["name"].as_string()),
         kit::reported(gpu["totalMemoryCapacityBytes"], kSurvey, "the memory of this GPU")});
  hardware.engine = engine["name"].as_string();
  const std::string_view version = engine["version"].as_string();
  if (!version.empty()) hardware.engine += " " + std::string(version);
  return hardware;
}

}  // namespace

Result<Hardware> StudioHardware::survey(const CallContext& context) {
  const Result<Value> reply = sdk_call(studio_, Namespace::runtime, "surveyHardware", {}, context);
  if (!reply && (!is_without_sdk(reply.error()) || !studio_.local())) return reply.error();
  Hardware hardware;
  if (reply) {
    hardware = read_survey(*reply);
    hardware.available_ram_bytes = base::unknown("the server is on another machine");
  } else {
    hardware.vram_bytes = base::unknown(why_without_sdk(reply.error()));
  }
  if (!studio_.local()) return hardware;
  const base::MachineMemory memory = system_memory();
  if (!hardware.ram_bytes) hardware.ram_bytes = memory.total_bytes;
  hardware.available_ram_bytes = memory.available_bytes;
  return hardware;
}

bool has_no_gpu(Studio& studio, const CallContext& context) {
  const Result<Value> survey = sdk_call(studio, Namespace::runtime, "surveyHardware", {}, context);
  if (!survey) return false;
  const Hardware hardware = read_survey(*survey);
  return hardware.gpus.empty() && hardware.vram_bytes && hardware.vram_bytes.value == 0;
}

// LM Studio reports what there is, not what is free of it.
Error with_available_memory(Error error, const Studio& studio) {
  if (error.code != ErrorCode::insufficient_memory || !studio.local()) return error;
  const Sourced<std::int64_t> free = system_memory().available_bytes;
  if (!free) return error;
  error.detail.set("available_bytes", free.value);
  error.detail.set("available_basis", base::source_of(free) + ": the RAM that is free");
  return error;
}

}  // namespace tachikoma::lmstudio
