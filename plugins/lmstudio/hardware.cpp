// SPDX-License-Identifier: MIT
#include "lmstudio/hardware.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "base/machine_gpus.hpp"
#include "base/machine_memory.hpp"
#include "base/sourced.hpp"
#include "common/chat/model_list.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

// "LM Studio's hardware survey of studio.example"
std::string survey_of(Studio& studio, const CallContext& context) {
  const Result<std::shared_ptr<SdkClient>> sdk = studio.sdk(context);
  const std::string there = sdk ? (*sdk)->url().host : "its machine";
  return "LM Studio's hardware survey of " + (studio.local() ? "this machine" : there);
}

// The engine that suits this machine; else the first.
const Value& chosen_engine(const Value& survey) {
  const Value::Array& engines = survey["engines"].elements();
  static const Value none;
  for (const Value& engine : engines)
    if (engine["compatibility"]["status"].as_string() == "compatible") return engine;
  return engines.empty() ? none : engines.front();
}

Hardware read_survey(const Value& survey, const std::string& basis) {
  const Value& engine = chosen_engine(survey);
  const Value& memory = engine["memoryInfo"];
  Hardware hardware;
  hardware.ram_bytes = kit::reported(memory["ramCapacity"], basis, "the RAM");
  hardware.vram_bytes = kit::reported(memory["vramCapacity"], basis, "the memory of the GPUs");
  for (const Value& gpu : engine["hardwareSurvey"]["gpuSurveyResult"]["gpuInfo"].elements())
    hardware.gpus.push_back({std::string(gpu["name"].as_string()),
                             kit::reported(gpu["totalMemoryCapacityBytes"], basis, "the memory of this GPU"),
                             base::unknown(basis + " does not say what is free")});
  hardware.engine = engine["name"].as_string();
  const std::string_view version = engine["version"].as_string();
  if (!version.empty()) hardware.engine += " " + std::string(version);
  return hardware;
}

// What the survey lacks and this machine itself says.
void complete(Hardware& hardware) {
  const base::MachineMemory memory = base::read_whole_machine_memory();
  if (!hardware.ram_bytes) hardware.ram_bytes = memory.installed_bytes;
  hardware.available_ram_bytes = memory.available_bytes;
  base::MachineGpus machine = base::read_machine_gpus();
  hardware.available_vram_bytes = std::move(machine.free_bytes);
  if (hardware.vram_bytes) return;
  hardware.vram_bytes = std::move(machine.memory_bytes);
  hardware.gpus = std::move(machine.gpus);
}

}  // namespace

Result<Hardware> StudioHardware::survey(const CallContext& context) {
  const Result<Value> reply = sdk_call(studio_, Namespace::runtime, "surveyHardware", {}, context);
  if (!reply && (!is_without_sdk(reply.error()) || !studio_.local())) return reply.error();
  Hardware hardware;
  if (reply) {
    hardware = read_survey(*reply, survey_of(studio_, context));
    hardware.available_ram_bytes = base::unknown("the server is on another machine");
    hardware.available_vram_bytes = hardware.available_ram_bytes;
  }
  if (studio_.local()) complete(hardware);
  return hardware;
}

bool has_no_gpu(Studio& studio, const CallContext& context) {
  const Result<Value> survey = sdk_call(studio, Namespace::runtime, "surveyHardware", {}, context);
  if (!survey) return false;
  const Hardware hardware = read_survey(*survey, {});
  return hardware.gpus.empty() && hardware.vram_bytes && hardware.vram_bytes.value == 0;
}

// LM Studio reports what there is, not what is free of it.
Error with_available_memory(Error error, const Studio& studio) {
  if (error.code != ErrorCode::insufficient_memory || !studio.local()) return error;
  const Sourced<std::int64_t> free = base::read_whole_machine_memory().available_bytes;
  if (!free) return error;
  error.detail.set("available_bytes", free.value);
  error.detail.set("available_basis", base::source_of(free) + ": the RAM that is free");
  return error;
}

}  // namespace tachikoma::lmstudio
