// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma {

/// Promises that every call of this component returns soon, well within half a second, once its cancellation
/// is requested, whatever the server, the network and the disk do.
///
/// The host calls such a component on the thread of its caller. It calls any other one on a thread of its
/// own, and delivers the events on the caller's: if the call does not return, the caller goes on without it,
/// and the thread is written off. That costs a thread for each call, and two changes of threads for each
/// event.
class PromptReturn {
 public:
  static constexpr std::string_view kId = "tachikoma.prompt-return/1";

 protected:
  ~PromptReturn() = default;
};

}  // namespace tachikoma
