// SPDX-License-Identifier: MIT
// Lists the models of a server, loads one by settings of its own, and shows what it takes.
//   usage: model_management CONFIG MODEL
#include <iostream>
#include <string>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

// A number without a source is never shown.
template <class T>
std::string shown(const Sourced<T>& number) {
  return number ? std::to_string(number.value) : "unknown (" + number.basis + ")";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: model_management CONFIG MODEL\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  for (const std::string& id : runtime.provider_ids())
    for (const ModelInfo& model : runtime.provider(id).value().list_models().value())
      std::cout << id << "::" << model.key << ' ' << model.quantization << '\n';

  const LoadSettings settings{.context_length = 8192,
                              .gpu_layers = GpuLayers::all(),
                              .flash_attention = FlashAttention::on,
                              .context_size_reduction = 0.5};  // if it does not fit: half of it, and so on
  std::cout << "needs " << shown(runtime.estimate_load(argv[2], settings).value().total_bytes) << " bytes\n";
  const LoadedModel loaded = runtime.load_model(argv[2], settings).value();
  for (const UnappliedSetting& each : loaded.unapplied)
    std::cout << each.name << " is not in effect: " << each.reason << '\n';

  const ModelStatus status = runtime.model_status(argv[2]).value();
  std::cout << status.instance << " is " << to_string(status.state)
            << "\ncontext: " << shown(status.context_length)
            << " tokens\nmemory: " << shown(status.memory_bytes)
            << " bytes\nGPU layers: " << shown(status.gpu_layers) << " of " << shown(status.total_layers)
            << '\n';
  runtime.unload_model(argv[2]).value();
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
