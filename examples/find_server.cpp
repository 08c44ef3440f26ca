// SPDX-License-Identifier: MIT
// Finds the LM Studio of this machine, says what is wrong with it, if anything, and which of its models suits
// a task.
//   usage: find_server
#include <iostream>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

int main() try {
  std::optional<Runtime> runtime = Runtime::auto_detect().value();
  if (!runtime) {
    std::cout << "LM Studio is not running; start its server, and try again\n";
    return 1;
  }
  const ProviderHandle lmstudio = runtime->provider("lmstudio").value();
  std::cout << "LM Studio is at " << lmstudio.health().value().base_url << '\n';
  for (const ModelInfo& model : lmstudio.list_models().value()) std::cout << "- " << model.key << '\n';

  const Diagnosis diagnosis = lmstudio.diagnose().value();
  if (diagnosis.tokens_per_second)
    std::cout << diagnosis.model << ": " << diagnosis.tokens_per_second.value << " tokens per second\n";
  for (const Finding& finding : diagnosis.findings) std::cout << finding.title << "; " << finding.fix << '\n';

  const ModelSelector selector{.speed = Speed::balanced};  // by this machine's memory
  const Result<RankedModel> best = selector.recommend(Task::code, lmstudio);
  if (best)
    std::cout << "for code: " << best->name << " (" << best->reason << ")\n";
  else
    std::cout << best.error().message << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
