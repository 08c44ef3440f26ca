// SPDX-License-Identifier: MIT
#include "llamacpp/folder_scan.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/gguf.hpp"
#include "base/gguf_kinds.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

// A folder that ext4 makes in the root of each disk, for root alone.
constexpr char kLostAndFound[] = "lost+found";

class Scanner {
 public:
  Scanner(const fs::path& root, const ScanLimits& limits) : limits_(limits), left_(limits.entries) {
    std::error_code failed;
    root_ = fs::canonical(root, failed);
    if (failed)
      skip(root, failed.message());
    else
      look_in(root);
  }

  FolderScan result() && { return std::move(scan_); }

 private:
  void skip(const fs::path& path, std::string why) { scan_.unread.push_back({path, std::move(why)}); }

  void look_in(const fs::path& folder) {
    std::error_code failed;
    const fs::path real = fs::canonical(folder, failed);
    if (failed == std::errc::no_such_file_or_directory) return;  // it was there a moment ago
    if (failed) return skip(folder, failed.message());
    if (std::find(above_.begin(), above_.end(), real) != above_.end()) return;
    if (above_.size() > limits_.depth)
      return skip(folder, "it is more than " + std::to_string(limits_.depth) + " folders deep");
    above_.push_back(real);
    fs::directory_iterator it(folder, failed);
    for (; !failed && it != fs::directory_iterator() && take_entry(folder); it.increment(failed))
      look_at(*it);
    if (failed && folder.filename() != kLostAndFound) skip(folder, failed.message());
    above_.pop_back();
  }

  // False when there were too many, which is told once.
  bool take_entry(const fs::path& folder) {
    if (left_ > 0) {
      --left_;
      return true;
    }
    if (!std::exchange(told_, true))
      skip(folder, "the search ends here, after " + std::to_string(limits_.entries) + " names");
    return false;
  }

  void look_at(const fs::directory_entry& entry) {
    const fs::path& path = entry.path();
    std::error_code failed, ignored;
    const bool link = entry.is_symlink(ignored);
    if (entry.is_directory(failed)) {
      if (link && is_in_root(path)) return;
      const std::size_t before = scan_.files.size();
      look_in(path);
      if (names_model(path) && scan_.files.size() == before) scan_.files.push_back(path);
    } else if (names_model(path) || base::names_unfinished_model(path.filename().string())) {
      scan_.files.push_back(path);  // one that can't be read is found to be so when it is
    } else if (failed && (link || failed != std::errc::no_such_file_or_directory)) {
      skip(path, failed.message());
    }
  }

  // What is in there is found without the link.
  bool is_in_root(const fs::path& link) const {
    std::error_code failed;
    const fs::path target = fs::canonical(link, failed);
    return !failed &&
           std::mismatch(root_.begin(), root_.end(), target.begin(), target.end()).first == root_.end();
  }

  const ScanLimits limits_;
  std::size_t left_;
  bool told_ = false;
  fs::path root_;
  std::vector<fs::path> above_;  // the folders that it is in
  FolderScan scan_;
};

}  // namespace

FolderScan scan_folder(const fs::path& root, const ScanLimits& limits) {
  return Scanner(root, limits).result();
}

bool names_model(const fs::path& file) {
  const std::string name = file.filename().string();
  const auto shard = base::read_shard_name(name);
  return base::has_gguf_suffix(name) && !(shard && shard->index > 1);
}

}  // namespace tachikoma::llamacpp
