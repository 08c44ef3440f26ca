// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <sys/types.h>

namespace tachikoma::base {

/// "'alice'", or "number 1000" for a user without a name.
std::string user_name(uid_t user);
/// The same of a group.
std::string group_name(gid_t group);

/// True for the group that systems make for each user alone: the primary group of this process's user, with
/// the user's name or number, and nobody else in it. Others that have it as their primary group are looked
/// for among the machine's own users; a directory's can't be listed, which is why the name or number counts:
/// a group that a directory gives to many has not those of one.
bool is_private_group(gid_t group);

}  // namespace tachikoma::base
