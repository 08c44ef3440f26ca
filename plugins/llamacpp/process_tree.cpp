// SPDX-License-Identifier: MIT
#include "llamacpp/process_tree.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

/// A script that starts a script; more is not how anybody starts a server.
constexpr std::size_t kLargestTree = 64;

// "socket:[12345]" of each socket that listens on the port: "…: 0100007F:1F90 00000000:0000 0A … 12345".
void add_listeners(const char* table, std::uint16_t port, std::set<std::string>& sockets) {
  std::ifstream in(table);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    if (fields.size() < 10 || fields[3] != "0A") continue;
    const std::string_view digits = std::string_view(fields[1]).substr(fields[1].rfind(':') + 1);
    std::uint16_t found = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), found, 16).ec == std::errc() &&
        found == port)
      sockets.insert("socket:[" + fields[9] + "]");
  }
}

bool has_one_of(pid_t process, const std::set<std::string>& sockets) {
  std::error_code gone;
  for (fs::directory_iterator each("/proc/" + std::to_string(process) + "/fd", gone), end;
       !gone && each != end; each.increment(gone)) {
    std::error_code closed;
    if (sockets.contains(fs::read_symlink(each->path(), closed).string())) return true;
  }
  return false;
}

}  // namespace

std::vector<pid_t> process_tree(pid_t process) {
  std::vector<pid_t> tree{process};
  for (std::size_t i = 0; i < tree.size() && tree.size() < kLargestTree; ++i) {
    const std::string id = std::to_string(tree[i]);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    tree.insert(tree.end(), std::istream_iterator<pid_t>(children), {});
  }
  return tree;
}

bool listens_on(pid_t process, std::uint16_t port) {
  std::set<std::string> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) add_listeners(table, port, sockets);
  if (sockets.empty()) return false;
  const std::vector<pid_t> tree = process_tree(process);
  return std::any_of(tree.begin(), tree.end(), [&](pid_t each) { return has_one_of(each, sockets); });
}

}  // namespace tachikoma::llamacpp
