// SPDX-License-Identifier: MIT
#include "common/http/redirect.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

extern "C" [[gnu::visibility("default")]] tachikoma::kit::ResolveRedirect tachikoma_resolve_redirect;

std::optional<tachikoma::kit::RedirectTarget> tachikoma_resolve_redirect(const std::string& base,
                                                                         const std::string& location) {
  try {
    Poco::URI target(base);
    // POCO takes an address without a scheme for a path
    const std::string scheme = location.starts_with("//") ? target.getScheme() + ":" : "";
    target.resolve(scheme + location);
    target.setFragment({});
    tachikoma::kit::RedirectTarget found{
        target.getScheme(), target.getHost(), target.getPort(), target.getPathEtc(), {}};
    target.setUserInfo({});
    target.setRawQuery({});
    found.shown = target.toString();
    return found;
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}
