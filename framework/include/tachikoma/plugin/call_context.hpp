// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace tachikoma {

struct LoadSettings;

/// How a running call learns that nobody wants its result any more. Lent by the host for one call.
///
/// [thread-safe] The reason (the user, a clock, a closed stream) stays with the host, which turns
/// whatever the call then returns into the right error.
class Cancellation {
 public:
  using Callback = void (*)(void* user);

  /// True once the call should end. Never becomes false again. Cheap enough for inner loops.
  virtual bool requested() const = 0;
  /// Runs `callback(user)` once, when cancellation is requested, on the thread that requests it; at
  /// once, on this thread, when it already was. It must not block and must not throw. Returns an id.
  virtual std::uint64_t subscribe(Callback callback, void* user) = 0;
  /// Withdraws a subscription. A callback that runs on another thread has ended when this returns.
  virtual void unsubscribe(std::uint64_t id) = 0;

 protected:
  ~Cancellation() = default;
};

/// Subscribes a callable for as long as it lives: shut the socket down in it, and the blocked read
/// returns.
template <class F>
class OnCancel {
 public:
  OnCancel(Cancellation& cancellation, F action) : cancellation_(cancellation), action_(std::move(action)) {
    id_ = cancellation_.subscribe([](void* self) { static_cast<OnCancel*>(self)->action_(); }, this);
  }
  ~OnCancel() { cancellation_.unsubscribe(id_); }
  OnCancel(const OnCancel&) = delete;
  OnCancel& operator=(const OnCancel&) = delete;

 private:
  Cancellation& cancellation_;
  F action_;
  std::uint64_t id_ = 0;
};

/// Where a call is. The host runs one clock per phase and cancels the call when it runs out; a call
/// starts in `connecting`, and the first delta ends `waiting`.
enum class Phase : std::uint8_t {
  connecting,  ///< resolving, connecting, handshaking: the connect clock
  loading,     ///< waiting in a queue or for the model to load: the load clock
  waiting,     ///< the request is sent, nothing came back yet: the first-token clock
};

/// Hears of a call's phases. Lent by the host for one call. [the thread that runs the call]
class PhaseListener {
 public:
  virtual void on_phase(Phase phase) = 0;

 protected:
  ~PhaseListener() = default;
};

/// What the host says about one call. Valid until the call returns.
struct CallContext {
  Cancellation& cancellation;
  std::string_view request_id;  ///< unique in the process; for logs and monitors
  PhaseListener* phases = nullptr;
  /// How the configuration wants the model loaded, for a provider that has to load it first; null: nothing is
  /// said. See `ModelManager::loads_as_configured`.
  const LoadSettings* load = nullptr;

  /// Tells the host that the call enters a phase.
  void enter(Phase phase) const {
    if (phases) phases->on_phase(phase);
  }
};

}  // namespace tachikoma
