// SPDX-License-Identifier: MIT
// What a schedule can say: of its models, and of what requests wait for.
#include <algorithm>
#include <string>

#include "models/schedule.hpp"

namespace tachikoma::models {

Schedule::Facts Schedule::facts(ModelId id) const {
  const Model& model = models_[id];
  return {.state = model.state,
          .foreign = model.foreign,
          .pinned = model.rules.pin,
          .dismissed = model.dismissed,
          .leases = model.leases,
          .waiting = model.queue.size(),
          .needs = model.needs,
          .measured = model.needs != model.rules.needs,
          .loaded_at = model.loaded_at,
          .last_used = model.last_used,
          .ttl = model.rules.ttl,
          .min_residence = model.rules.min_residence};
}

Schedule::Waits Schedule::waits(Ticket ticket) const {
  const ModelId id = waiting_.at(ticket);
  const auto& own = models_[id].queue;
  const std::uint64_t number = std::find_if(own.begin(), own.end(), [&](const Waiting& each) {
                                 return each.ticket == ticket;
                               })->number;
  Waits waits{models_[id].state, 0, before(id)};
  for (const Model& model : models_)
    for (const Waiting& each : model.queue)
      if (each.number < number) ++waits.ahead;
  return waits;
}

std::vector<Schedule::ModelId> Schedule::before(ModelId id) const {
  if (!claim_ || models_[id].state == State::loading) return {};
  if (claim_->head != id) return {claim_->head};
  std::vector<ModelId> leaving = claim_->leaving;
  for (ModelId each = 0; each < models_.size(); ++each)
    if (models_[each].state == State::unloading) leaving.push_back(each);
  return leaving;
}

Error Schedule::too_late(const Model& model) const {
  std::string meanwhile = "waited for its turn";
  if (model.state == State::absent && !fits(model, others_))
    meanwhile = "waited for memory that other programs hold, or that stays free";
  if (model.state == State::absent && !fits(model, in_use()))
    for (const Model& each : models_)
      if (each.used_elsewhere && each.state != State::absent)
        meanwhile = "waited for the place of '" + each.rules.name + "', which another program uses";
  if (model.state == State::loading) meanwhile = "was being loaded";
  if (model.state == State::loaded) meanwhile = "was about to make room for another model";
  return Error(ErrorCode::timeout, "'" + model.rules.name + "' was not ready in time: it " + meanwhile,
               "allow more time (`timeouts: load`), or let fewer models share the memory",
               Value::object({{"clock", "load"}, {"name", model.rules.name}}));
}

}  // namespace tachikoma::models
