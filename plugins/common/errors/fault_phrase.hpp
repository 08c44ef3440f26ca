// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace tachikoma::kit {

/// The possible subjects of a server's fault.
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
  likely_context,      ///< by words that are used for other things as well
  likely_prompt_form,  ///< likewise
  likely_model,        ///< likewise
  endpoint,
  request,
};

/// A phrase by which a kind of server indicates the topic.
struct FaultPhrase {
  /// Where the phrase is in a `ServerFault`: in its message, or in its code.
  enum class Place : std::uint8_t { text, code, either };

  FaultTopic topic;
  Place place;
  std::string_view text;  ///< in lower case
};

}  // namespace tachikoma::kit
