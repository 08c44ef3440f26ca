// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tachikoma::kit {

/// The arguments of one call as they stream in, without what servers add to them: an empty object in front,
/// the same again at the end, a JSON string around them. Not synchronised.
class CallArguments {
 public:
  /// What of `piece` can be passed on already. Lives until the next call.
  std::string_view push(std::string_view piece);
  /// What was held back and belongs to them; call at the end.
  std::string finish();
  /// True if what came so far is a whole object.
  bool whole() const { return opened_ && depth_ == 0; }
  /// True if `text` is the whole object that came already.
  bool is_repeated_by(std::string_view text) const;

 private:
  void scan(std::string_view text);
  std::string_view give_up();

  std::string passed_;  // all that was passed on
  std::string held_;    // an empty object, a repetition so far, or a JSON string
  bool holds_ = false;
  bool opened_ = false;  // the first brace of `passed_` has come
  int depth_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;
};

}  // namespace tachikoma::kit
