// SPDX-License-Identifier: MIT
#include "sessions/form_reader.hpp"

#include "schema/wording.hpp"

namespace tachikoma::sessions {

bool FormReader::require(bool holds, const Value& found, std::string_view expected) {
  if (!holds && fault_.empty())
    fault_ = (place_.empty() ? "it" : "'" + place_ + "'") + " is " + schema::shown(found) + "; it must be " +
             std::string(expected);
  return holds;
}

}  // namespace tachikoma::sessions
