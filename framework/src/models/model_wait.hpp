// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <optional>

#include "async/wait.hpp"
#include "models/managed_server.hpp"

namespace tachikoma::models {

/// A request's wait for a lease, until its call is cancelled. It is awaited once for each thing that happens.
class ModelWait final : public Scheduler::Waiter {
 public:
  ModelWait(const async::Execution& execution, Resident& resident, CallCancellation& cancellation)
      : execution_(execution), resident_(resident), cancellation_(cancellation) {}
  ~ModelWait() override { cancellation_.unsubscribe(subscription_); }

  /// A lease if there is one at once; else it waits from now on.
  std::optional<ModelLease> begin();

  /// `co_await` it: something has happened since.
  class Event final : public async::Wait {
   public:
    explicit Event(ModelWait& of) : Wait(of.execution_), of_(of) {}

   private:
    friend class ModelWait;
    void start() override;
    ModelWait& of_;
  };

  /// Over when it has a result, or was cancelled.
  bool is_over() const;
  /// Nullopt: it was cancelled before. Once, when it is over.
  std::optional<Result<ModelLease>> take() { return std::move(lease_); }

 private:
  void ready(Result<ModelLease> lease) override;
  void moved() override;
  template <class Change>
  void note(const Change& change);

  const async::Execution execution_;
  Resident& resident_;
  CallCancellation& cancellation_;
  std::uint64_t subscription_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  bool happened_ = false;     // since the last event
  bool over_ = false;
  Event* waiting_ = nullptr;
  std::optional<Result<ModelLease>> lease_;
};

}  // namespace tachikoma::models
