// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace tachikoma::kit {

/// What a server's fault may be about.
enum class FaultTopic : std::uint8_t {
  key,
  permission,
  rate,
  images,
  embeddings,
  memory,
  context,
  loss,
  busy,
  prompt_form,
  job,
  tool,
  nothing_loaded,
  model,
  load,
  model_perhaps,  ///< by what is said of other things as well
  endpoint,
  request,
};

/// Words by which a kind of server tells the topic.
struct FaultPhrase {
  /// Where they stand in a `ServerFault`: in its message, or in its code.
  enum class Place : std::uint8_t { text, code, either };

  FaultTopic topic;
  Place place;
  std::string_view text;  ///< in lower case
};

}  // namespace tachikoma::kit
