// SPDX-License-Identifier: MIT
#include "bench/curl_client.hpp"

#include <cstring>
#include <simdjson.h>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "bench/replay_server.hpp"

namespace tachikoma::bench {
namespace {

class CurlClient final : public Client {
 public:
  explicit CurlClient(const std::string& base_url)
      : url_(base_url + "/chat/completions"), curl_(curl_easy_init()) {
    if (!curl_) throw std::runtime_error("libcurl does not start");
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
    curl_easy_setopt(curl_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &CurlClient::on_bytes);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
  }
  ~CurlClient() override {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(curl_);
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Received stream(std::int64_t chunks) override {
    const std::string body = std::string(R"({"model":")") + kModel +
                             R"(","messages":[{"role":"user","content":"go"}],"stream":true,"max_tokens":)" +
                             std::to_string(chunks) + "}";
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    received_ = {};
    used_ = 0;
    if (const CURLcode code = curl_easy_perform(curl_); code != CURLE_OK)
      throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
    return received_;
  }

 private:
  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    static_cast<CurlClient*>(self)->feed({bytes, size * count});
    return size * count;
  }

  // Appends to the buffer, takes the whole lines out of it, and keeps the rest.
  void feed(std::string_view bytes) {
    if (buffer_.size() < used_ + bytes.size() + simdjson::SIMDJSON_PADDING)
      buffer_.resize(2 * (used_ + bytes.size()) + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    std::size_t start = 0;
    while (const void* end = std::memchr(buffer_.data() + start, '\n', used_ - start)) {
      const std::size_t stop = static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data());
      on_line(start, stop);
      start = stop + 1;
    }
    std::memmove(buffer_.data(), buffer_.data() + start, used_ - start);
    used_ -= start;
  }

  void on_line(std::size_t start, std::size_t stop) {
    constexpr std::string_view kData = "data: {";
    const std::string_view line(buffer_.data() + start, stop - start);
    if (line.substr(0, kData.size()) != kData) return;
    const std::size_t json = start + kData.size() - 1;
    simdjson::ondemand::document document;
    if (parser_.iterate(buffer_.data() + json, stop - json, buffer_.size() - json).get(document)) return;
    std::string_view content;
    if (document["choices"].at(0)["delta"]["content"].get_string().get(content)) return;
    ++received_.chunks;
    received_.bytes += static_cast<std::int64_t>(content.size());
  }

  std::string url_;
  CURL* curl_;
  curl_slist* headers_ = nullptr;
  simdjson::ondemand::parser parser_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  Received received_;
};

}  // namespace

std::unique_ptr<Client> make_curl_client(const std::string& base_url) {
  return std::make_unique<CurlClient>(base_url);
}

}  // namespace tachikoma::bench
