// SPDX-License-Identifier: MIT
#include "openai/call.hpp"

#include "openai/chat_body.hpp"

namespace lmstudio_sim {

RequestFacts Call::facts() const {
  return {exchange.path(), model, text, count_results(body), body["stream"].as_bool()};
}

bool wait_for_load(Call& call, const Instance& instance, double part) {
  const auto left = (instance.ready_at - std::chrono::steady_clock::now()) * part;
  return call.simulator.loaded_models.wait(instance.reference, LoadedModels::Part::load,
                                           std::chrono::ceil<std::chrono::microseconds>(left), call.waiter());
}

bool wait_for_slot(Call& call, const Served& served) {
  call.use = LoadedModels::InstanceUse(call.simulator.loaded_models, served.instance.reference, Work::queued);
  const auto wait = [&](int descriptor) { return call.exchange.wire().wait_readable(descriptor); };
  if (!wait_for_slot(call.simulator, *served.model, call.slot, wait)) return false;
  call.use.become(served.model->type == "embedding" ? Work::embedding : Work::prompt);
  return true;
}

std::optional<Served> obtain_model(Call& call, bool embedding) {
  auto found = call.simulator.loaded_models.resolve(call.model);
  if (const auto* problem = std::get_if<NotServed>(&found)) {
    call.fail(not_served(*problem, call.simulator.script.version));
    return std::nullopt;
  }
  auto& served = std::get<Served>(found);
  if ((served.model->type == "embedding") != embedding) {
    call.fail(
        plain_error(400, "Model \"" + served.model->key + "\" is " +
                             (embedding ? "not an embedding model" : "an embedding model and can't chat")));
    return std::nullopt;
  }
  if (!wait_for_load(call, served.instance) || !wait_for_slot(call, served)) {
    call.outcome = "stopped";
    return std::nullopt;
  }
  return std::move(served);
}

}  // namespace lmstudio_sim
