// SPDX-License-Identifier: MIT
#include "calls/servers.hpp"

#include <algorithm>

namespace tachikoma::calls {

bool ServerLease::end(Verdict verdict, std::optional<Timer::Clock::time_point> now) {
  Servers* servers = std::exchange(servers_, nullptr);
  return servers && servers->end_lease(*server_, probe_, verdict, now);
}

Servers::Servers(std::vector<ServerComponent> components, std::chrono::milliseconds eject_for,
                 const CallLimits& limits, Timer& timer)
    : eject_for_(eject_for) {
  for (ServerComponent& component : components) all_.emplace_back(std::move(component), limits, timer);
}

std::optional<ServerLease> Servers::lease(const std::vector<const Server*>& tried,
                                          std::optional<Clock::time_point> now) {
  const std::lock_guard lock(mutex_);
  Server* chosen = nullptr;
  for (Server& each : all_) {
    if (std::find(tried.begin(), tried.end(), &each) != tried.end() || !may_be_asked(each, now)) continue;
    if (!chosen || each.health_.outstanding < chosen->health_.outstanding) chosen = &each;
  }
  if (!chosen && tried.empty())  // all are ejected or being probed: a call must go somewhere
    chosen = &*std::min_element(all_.begin(), all_.end(), [](const Server& a, const Server& b) {
      return a.health_.ejected.value_or(Clock::time_point::max()) <
             b.health_.ejected.value_or(Clock::time_point::max());
    });
  if (!chosen) return std::nullopt;
  ++chosen->health_.outstanding;
  const bool probe = chosen->health_.ejected && !chosen->health_.probed;
  if (probe) chosen->health_.probed = true;
  return ServerLease(*this, *chosen, probe);
}

bool Servers::end_lease(Server& server, bool probe, Verdict verdict, std::optional<Clock::time_point> now) {
  const std::lock_guard lock(mutex_);
  --server.health_.outstanding;
  if (probe) server.health_.probed = false;
  if (verdict == Verdict::reached) server.health_.ejected.reset();
  if (verdict != Verdict::unreachable || all_.size() == 1) return false;
  const bool news = !server.health_.ejected;
  server.health_.ejected = now ? *now : Clock::now();
  return news;
}

bool Servers::may_be_asked(const Server& server, std::optional<Clock::time_point> now) const {
  if (!server.health_.ejected) return true;
  return !server.health_.probed && (now ? *now : Clock::now()) >= *server.health_.ejected + eject_for_;
}

}  // namespace tachikoma::calls
