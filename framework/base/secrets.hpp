// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// What is shown in place of a secret.
inline constexpr std::string_view kHidden = "•••";

/// True for the name of an option, a variable, a header or a part of a URL whose value is a secret:
/// "--api-key", "HF_TOKEN", "Authorization".
bool names_secret(std::string_view name);

/// `text` without the secrets that it repeats. Secrets of less than six bytes are left: too many words
/// contain them.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);
/// The same for every text in `value`.
Value without_secrets(const Value& value, const std::vector<std::string>& secrets);

/// `text` without the secrets that its URLs carry: a password before the host, or values of a query such as
/// `?key=…`.
std::string without_url_secrets(std::string_view text);

/// A command line's words without the values of options, variables and headers that are secrets, whether they
/// are words of their own, follow a `=`, or are part of a word that is a command line itself.
Value::Array without_argument_secrets(Value::Array words);

}  // namespace tachikoma::base
