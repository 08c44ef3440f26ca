// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma {

/// What a plugin provides: the common base of providers, tools and monitors.
///
/// Owned by the host, which deletes it through this virtual destructor; a component joins its threads there.
/// Optional abilities are small separate interfaces, found by a versioned id.
class Component {
 public:
  virtual ~Component() = default;

  /// The interface with that id, such as `ModelCatalog::kId`, or null if it is not offered. The pointer is
  /// valid as long as this component. [thread-safe]
  virtual void* capability(std::string_view id) {
    (void)id;
    return nullptr;
  }
};

/// Implements `capability`: `return capability_of<ModelCatalog, HealthCheck>(this, id);`.
template <class... Interfaces, class Self>
void* capability_of(Self* self, std::string_view id) {
  void* found = nullptr;
  ((id == Interfaces::kId ? void(found = static_cast<Interfaces*>(self)) : void()), ...);
  return found;
}

}  // namespace tachikoma
