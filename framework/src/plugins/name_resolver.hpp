// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/capability/name_resolver.hpp"

namespace tachikoma::plugins {

/// The host's name lookups. Equal concurrent ones are shared; at most `max_threads` run, and more wait
/// their turn. A thread exists while there is something to look up.
///
/// The threads are detached and hold what they use themselves: neither a NameLookup nor this waits for a name
/// server that does not answer, and a thread that still waits for one when the program ends does no harm.
class HostNameResolver final : public NameResolver {
 public:
  using Addresses = std::vector<std::string>;
  using LookUp = std::function<Result<Addresses>(const std::string& host, std::uint16_t port)>;

  explicit HostNameResolver(LookUp look_up = look_up_by_system, std::size_t max_threads = 4);
  ~HostNameResolver();
  HostNameResolver(const HostNameResolver&) = delete;
  HostNameResolver& operator=(const HostNameResolver&) = delete;

  Result<std::unique_ptr<NameLookup>> start(std::string_view host, std::uint16_t port, Callback finished,
                                            void* user) override;

  /// getaddrinfo(3). Fails with `unreachable`.
  static Result<Addresses> look_up_by_system(const std::string& host, std::uint16_t port);

 private:
  class Queue;
  std::shared_ptr<Queue> queue_;
};

}  // namespace tachikoma::plugins
