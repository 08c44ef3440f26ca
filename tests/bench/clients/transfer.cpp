// SPDX-License-Identifier: MIT
#include "bench/clients/transfer.hpp"

#include <cstring>
#include <stdexcept>

namespace tachikoma::bench {

Transfer::Transfer(const std::string& url, simdjson::ondemand::parser& parser)
    : parser_(parser),
      curl_(curl_easy_init()),
      headers_(curl_slist_append(nullptr, "Content-Type: application/json")) {
  if (!curl_) throw std::runtime_error("libcurl does not start");
  headers_ = curl_slist_append(headers_, "Expect:");  // else it asks before it sends a large body, and waits
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(curl_, CURLOPT_PROXY, "");
}

Transfer::~Transfer() {
  curl_easy_cleanup(curl_);
  curl_slist_free_all(headers_);
}

void Transfer::prepare(const std::string& body, Form form) {
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  form_ = form;
  used_ = 0;
  call_ = {};
}

void Transfer::perform(const std::string& body, Form form) {
  prepare(body, form);
  finish(curl_easy_perform(curl_));
}

void Transfer::finish(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
  ++tally_.answers;
}

std::size_t Transfer::on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
  static_cast<Transfer*>(self)->feed({bytes, size * count});
  return size * count;
}

void Transfer::feed(std::string_view bytes) {
  if (buffer_.size() < used_ + bytes.size() + simdjson::SIMDJSON_PADDING)
    buffer_.resize(2 * (used_ + bytes.size()) + simdjson::SIMDJSON_PADDING);
  std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
  used_ += bytes.size();
  if (form_ == Form::events) split();
}

// Takes the whole lines out of the buffer, and keeps the rest.
void Transfer::split() {
  std::size_t start = 0;
  while (const void* end = std::memchr(buffer_.data() + start, '\n', used_ - start)) {
    const std::size_t stop = static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data());
    on_line(start, stop);
    start = stop + 1;
  }
  std::memmove(buffer_.data(), buffer_.data() + start, used_ - start);
  used_ -= start;
}

void Transfer::on_line(std::size_t start, std::size_t stop) {
  constexpr std::string_view kData = "data: {";
  const std::string_view line(buffer_.data() + start, stop - start);
  if (line.substr(0, kData.size()) != kData) return;
  const std::size_t json = start + kData.size() - 1;
  simdjson::ondemand::document document;
  if (parser_.iterate(buffer_.data() + json, stop - json, buffer_.size() - json).get(document)) return;
  simdjson::ondemand::object delta;
  if (document["choices"].at(0)["delta"].get_object().get(delta)) return;
  std::string_view content;
  if (!delta["content"].get_string().get(content)) {
    ++tally_.chunks;
    tally_.bytes += static_cast<std::int64_t>(content.size());
    return;
  }
  simdjson::ondemand::array calls;
  if (!delta["tool_calls"].get_array().get(calls)) on_tool_calls(calls);
}

void Transfer::on_tool_calls(simdjson::ondemand::array calls) {
  for (simdjson::ondemand::object call : calls) {
    std::string_view text;
    if (!call["id"].get_string().get(text)) call_.id += text;
    simdjson::ondemand::object function;
    if (call["function"].get_object().get(function)) continue;
    if (!function["name"].get_string().get(text)) call_.name += text;
    if (!function["arguments"].get_string().get(text)) call_.arguments += text;
  }
}

}  // namespace tachikoma::bench
