// SPDX-License-Identifier: MIT
#include "listed_models.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "base/state_folder.hpp"
#include "base/utf8.hpp"
#include "read_text.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

// More than anybody completes, and little to read.
constexpr std::size_t kMostListed = 5000;

std::string file() {
  const std::string folder = base::state_folder();
  return folder.empty() ? folder : folder + "/models";
}

// A server may call its models anything; a shell gets one a line.
bool is_printable(const std::string& address) {
  return base::is_utf8(address) &&
         std::none_of(address.begin(), address.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

std::string provider_of(const std::string& address) { return address.substr(0, address.find("::")); }

}  // namespace

void remember(const ModelListing& listing, const std::vector<std::string>& providers) {
  const std::string target = file();
  if (target.empty()) return;
  std::set<std::string> answered(providers.begin(), providers.end()), addresses;
  for (const ModelListing::Failure& failure : listing.failures) answered.erase(failure.provider);
  for (const ListedModel& model : listing.models)
    if (is_printable(model.address)) addresses.insert(model.address);
  for (std::string& known : remembered_models())
    if (!answered.contains(provider_of(known))) addresses.insert(std::move(known));
  std::string text;
  std::size_t count = 0;
  for (const std::string& address : addresses)
    if (++count <= kMostListed) text += address + "\n";
  std::error_code failure;
  fs::create_directories(fs::path(target).parent_path(), failure);
  const std::string draft = target + "." + std::to_string(::getpid());
  if (std::ofstream out(draft, std::ios::binary); !(out << text).flush()) return;
  fs::rename(draft, target, failure);
}

std::vector<std::string> remembered_models() {
  constexpr std::size_t kLargestList = 4 << 20;
  const Result<std::string> text = read_bytes(file(), kLargestList);
  std::vector<std::string> addresses;
  std::istringstream lines(text ? *text : std::string());
  for (std::string line; std::getline(lines, line);) addresses.push_back(line);
  return addresses;
}

}  // namespace tachikoma::cli
