// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace tachikoma {

struct LoadSettings;

/// Tells a running call that its result is no longer wanted. Lent by the host for one call.
///
/// [thread-safe] The host knows the reason (the user, a clock, a closed stream) and turns whatever the call
/// then returns into the right error.
class Cancellation {
 public:
  using Callback = void (*)(void* user);

  /// True once the call should end; never becomes false again. Cheap enough for inner loops.
  virtual bool requested() const = 0;
  /// Runs `callback(user)` once, when cancellation is requested, on the requesting thread; if it already was
  /// requested, immediately, on this thread. The callback must not block or throw. Returns an id.
  virtual std::uint64_t subscribe(Callback callback, void* user) = 0;
  /// Removes a subscription. When this returns, a callback running on another thread has ended.
  virtual void unsubscribe(std::uint64_t id) = 0;

 protected:
  ~Cancellation() = default;
};

/// Subscribes a callable for the lifetime of this object. Typical use: it shuts a socket down, so that a
/// blocked read returns.
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

/// The phase of a call. The host runs one clock per phase and cancels the call when it runs out. A call
/// starts in `connecting`; the first delta ends `waiting`.
enum class Phase : std::uint8_t {
  connecting,  ///< resolving, connecting, handshaking: the connect clock
  loading,     ///< waiting in a queue or for the model to load: the load clock
  waiting,     ///< the request is sent, no delta has arrived yet: the first-token clock
};

/// Receives the phases of a call. Lent by the host for one call. [the thread that runs the call]
class PhaseListener {
 public:
  virtual void on_phase(Phase phase) = 0;

 protected:
  ~PhaseListener() = default;
};

/// What the host provides for one call. Valid until the call returns.
struct CallContext {
  Cancellation& cancellation;
  std::string_view request_id = {};  ///< unique in the process; for logs and monitors
  PhaseListener* phases = nullptr;
  /// The configured load settings, for a provider that has to load the model first; null: none are
  /// configured.
  const LoadSettings* load = nullptr;

  /// Reports to the host that the call enters a phase.
  void enter(Phase phase) const {
    if (phases) phases->on_phase(phase);
  }
};

}  // namespace tachikoma
