// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "calls/providers.hpp"
#include "models/model_names.hpp"
#include "tachikoma/model_registry.hpp"

namespace tachikoma::models {

/// The models of one provider, as its server listed them.
struct ModelList {
  std::vector<ListedModel> models = {};  ///< each key once
  bool whole = true;                     ///< the server has no others
  std::optional<Error> unusable = {};    ///< why there is no list, although the server answered
  ModelNames names = {};                 ///< of the models
};

/// True if a list failed because the server has none: it was reached and answered, and may serve models all
/// the same. `whole`: it is known to list every model.
bool means_no_list(const Error& error, bool whole);

/// The models of each provider, as last fetched. Thread-safe; no lock is held during a request.
class ModelLists {
 public:
  explicit ModelLists(const calls::Providers& providers) : providers_(providers) {}

  /// Another one whenever a list was fetched or forgotten.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  /// Null if it was not fetched, or was forgotten.
  std::shared_ptr<const ModelList> cached(const calls::ConfiguredProvider& provider) const;
  /// Fails if the server can't be asked; a server that answers without a list has one that is `unusable`.
  Result<std::shared_ptr<const ModelList>> fetch(const calls::ConfiguredProvider& provider,
                                                 std::stop_token stop);
  void forget(std::string_view provider);
  /// As `other` has it, if it has one.
  void take_over(const calls::ConfiguredProvider& provider, const ModelLists& other);
  /// A generation with that model succeeded: a list that says it is not loaded is out of date.
  void note_served(std::string_view provider, std::string_view wire_name);

  /// What was said of `name` when the newest list lacked it and it was sent all the same; else empty.
  std::string notice_on(std::string_view provider, std::string_view name) const;
  void keep_notice(std::string_view provider, std::string_view name, std::string notice);

 private:
  struct Entry {
    std::shared_ptr<const ModelList> list;
    std::map<std::string, std::string, std::less<>> notices;  // by the names that the list lacks
  };

  const calls::Providers& providers_;
  std::atomic<std::uint64_t> version_ = 0;             // changes after the entries, with the lock
  mutable std::mutex mutex_;                           // guards what follows
  std::map<std::string, Entry, std::less<>> entries_;  // by provider
};

}  // namespace tachikoma::models
