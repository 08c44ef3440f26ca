// SPDX-License-Identifier: MIT
#include "model/concurrency_slots.hpp"

#include <system_error>
#include <unistd.h>

#include <sys/eventfd.h>

namespace lmstudio_sim {

ConcurrencySlots::ConcurrencySlots(std::int64_t count)
    : descriptor_(::eventfd(static_cast<unsigned>(count), EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

ConcurrencySlots::~ConcurrencySlots() { ::close(descriptor_); }

bool ConcurrencySlots::try_acquire() {
  std::uint64_t one = 0;
  return ::read(descriptor_, &one, sizeof one) == sizeof one;
}

void ConcurrencySlots::release() {
  const std::uint64_t one = 1;
  // can't fail: the count never exceeds the initial one
  if (::write(descriptor_, &one, sizeof one) != sizeof one) std::terminate();
}

}  // namespace lmstudio_sim
