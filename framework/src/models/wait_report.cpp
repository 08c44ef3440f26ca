// SPDX-License-Identifier: MIT
#include "models/wait_report.hpp"

#include <algorithm>
#include <utility>

#include "base/durations.hpp"
#include "base/lists.hpp"
#include "base/sourced.hpp"

namespace tachikoma::models {
namespace {

using Millis = std::chrono::milliseconds;

// From its last load, if this program has seen one.
Sourced<Millis> remaining(const Resident& resident, bool loading) {
  const LoadTimes times = resident.load_times();
  if (!times.last) return base::unknown<Millis>("this program has not loaded it before");
  if (!loading) return base::unknown<Millis>("that depends on the requests before it");
  const auto passed = std::chrono::duration_cast<Millis>(resident.server.now() - times.begun);
  return {std::max(*times.last - passed, Millis(0)), Source::estimated,
          "its last load took " + base::describe_time(*times.last)};
}

bool same(const WaitState& a, const WaitState& b) {
  return a.loading == b.loading && a.fraction == b.fraction && a.waiting.ahead == b.waiting.ahead &&
         a.waiting.waits_for == b.waiting.waits_for;
}

}  // namespace

void WaitReport::tell() {
  const std::optional<Schedule::Waits> waits = resident_.server.scheduler().waits(wait_);
  if (!waits) return;
  count();
  WaitState now{.loading = waits->state == Schedule::State::loading};
  if (now.loading) now.fraction = resident_.load_times().fraction;
  now.waiting.ahead = waits->ahead;
  now.waiting.waits_for = base::listed(resident_.server.names_of(waits->for_models));
  if (told_ && same(*told_, now)) return;
  if (told_ && now.fraction > told_->fraction) asked_.attempt.clocks.advance();
  now.waiting.remaining = remaining(resident_, now.loading);
  if (asked_.on_wait) asked_.on_wait(now);
  told_ = std::move(now);
}

// Each change is told, so it has waited for the same until now.
void WaitReport::count() {
  if (!asked_.times) return;
  const Clock::time_point now = Clock::now();
  if (told_) (told_->loading ? asked_.times->load : asked_.times->queue) += now - counted_;
  counted_ = now;
}

void WaitReport::end() {
  count();
  if (!asked_.times || wait_.displaced().empty()) return;
  for (std::string& name : resident_.server.names_of(wait_.displaced()))
    asked_.times->displaced.push_back(std::move(name));
}

}  // namespace tachikoma::models
