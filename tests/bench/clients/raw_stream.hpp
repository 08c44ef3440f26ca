// SPDX-License-Identifier: MIT
#pragma once

#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

/// One connection of the raw client, and the reading of its answers with the least work that is exact for
/// this server: within a stream all bytes but the content repeat, so what stands before and after the content
/// of the chunk before is compared, and simdjson reads a chunk that differs.
class RawStream {
 public:
  /// What connections of one thread share: the bytes that were just read, and the parser.
  struct Reader {
    std::vector<char> buffer = std::vector<char>(1 << 18);
    simdjson::ondemand::parser parser;
  };

  RawStream(int port, Reader& reader);
  ~RawStream();
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;

  int fd() const { return fd_; }
  void send(std::string_view request);
  /// Reads what has arrived, or waits for it if the socket blocks. True once the answer is whole.
  bool read();
  void set_blocking(bool blocking);
  const Tally& tally() const { return tally_; }

 private:
  bool take_head(std::string_view& bytes);
  bool take_chunks(std::string_view& bytes);
  bool take_json(std::string_view& bytes);
  void on_event(std::string_view payload);
  void parse(std::string_view payload);

  int fd_;
  Reader& reader_;
  std::string kept_;  ///< the begin of what was not whole yet
  bool in_body_ = false;
  std::size_t length_ = 0;  ///< of a JSON body; 0: the body comes in chunks
  std::string before_, after_;
  Tally tally_;
};

}  // namespace tachikoma::bench
