// SPDX-License-Identifier: MIT
#include "calls/servers.hpp"

#include <algorithm>

namespace tachikoma::policy {

bool Visit::end(Verdict verdict, Timer::Clock::time_point now) {
  Endpoints* endpoints = std::exchange(endpoints_, nullptr);
  return endpoints && endpoints->end_visit(*endpoint_, probe_, verdict, now);
}

Endpoints::Endpoints(std::vector<Server> servers, std::chrono::milliseconds eject_for,
                     const CallLimits& limits, Timer& timer)
    : eject_for_(eject_for) {
  for (Server& server : servers) all_.emplace_back(std::move(server), limits, timer);
}

std::optional<Visit> Endpoints::visit(const std::vector<const Endpoint*>& tried, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Endpoint* chosen = nullptr;
  for (Endpoint& each : all_) {
    if (std::find(tried.begin(), tried.end(), &each) != tried.end() || !may_be_asked(each, now)) continue;
    if (!chosen || each.outstanding_ < chosen->outstanding_) chosen = &each;
  }
  if (!chosen && tried.empty())  // all are left out, or probed: a call must go somewhere
    chosen = &*std::min_element(all_.begin(), all_.end(), [](const Endpoint& a, const Endpoint& b) {
      return a.ejected_.value_or(Clock::time_point::max()) < b.ejected_.value_or(Clock::time_point::max());
    });
  if (!chosen) return std::nullopt;
  ++chosen->outstanding_;
  const bool probe = chosen->ejected_ && !chosen->probed_;
  if (probe) chosen->probed_ = true;
  return Visit(*this, *chosen, probe);
}

bool Endpoints::end_visit(Endpoint& endpoint, bool probe, Verdict verdict, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  --endpoint.outstanding_;
  if (probe) endpoint.probed_ = false;
  if (verdict == Verdict::reached) endpoint.ejected_.reset();
  if (verdict != Verdict::unreachable || all_.size() == 1) return false;
  const bool news = !endpoint.ejected_;
  endpoint.ejected_ = now;
  return news;
}

bool Endpoints::may_be_asked(const Endpoint& endpoint, Clock::time_point now) const {
  return !endpoint.ejected_ || (now >= *endpoint.ejected_ + eject_for_ && !endpoint.probed_);
}

}  // namespace tachikoma::policy
