// SPDX-License-Identifier: MIT
#include "bench/results.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tachikoma::bench {
namespace {

void add(Line& line, const Results& results, const std::string& workload, Peer peer,
         double (*read)(const Figures&, std::int64_t)) {
  const Results::Entry* entry = results.find(workload, peer);
  if (!entry) return;
  std::vector<double> numbers;
  for (const Figures& figures : entry->rounds) numbers.push_back(read(figures, entry->units));
  line.rounds[peer] = numbers;
  line.medians[peer] = median(numbers);
}

// with three significant digits, and none after the point from 100 on
std::string number_text(double number) {
  const int digits = std::abs(number) >= 100 ? 0 : std::abs(number) >= 10 ? 1 : std::abs(number) >= 1 ? 2 : 3;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

// printf pads by bytes; this one by letters
std::string padded(const std::string& text, std::size_t width, bool right = true) {
  const auto letters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  const std::string blanks(width > letters ? width - letters : 0, ' ');
  return right ? blanks + text : text + blanks;
}

std::string change_text(const Line& line, const Value& old) {
  for (const Value& row : old["rows"].elements()) {
    if (row["label"].as_string() != line.label) continue;
    const double before = row["ratio"].as_real();
    if (before == 0 || line.ratio == 0) return "";
    char text[64];
    std::snprintf(text, sizeof text, "%.2f → %.2f (%+.0f %%)", before, line.ratio,
                  (line.ratio / before - 1) * 100);
    return text;
  }
  return "new";
}

}  // namespace

const Results::Entry* Results::find(const std::string& workload, Peer peer) const {
  const auto of_workload = entries_.find(workload);
  if (of_workload == entries_.end()) return nullptr;
  const auto entry = of_workload->second.find(peer);
  return entry == of_workload->second.end() ? nullptr : &entry->second;
}

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

std::vector<Line> lines_of(const Results& results) {
  std::vector<Line> lines;
  for (const Workload& workload : workloads())
    for (const Row& row : workload.rows) {
      Line line{row.label, row.unit, name_of(row.base)};
      for (const Peer peer : kPeers) add(line, results, workload.name, peer, row.read);
      if (line.medians.empty()) continue;
      if (line.medians.contains(Peer::tachikoma) && line.medians[row.base] > 0)
        line.ratio = line.medians[Peer::tachikoma] / line.medians[row.base];
      lines.push_back(std::move(line));
    }
  return lines;
}

Value to_value(const std::vector<Line>& lines) {
  Value rows = Value::array();
  for (const Line& line : lines) {
    Value clients = Value::object();
    for (const auto& [peer, numbers] : line.rounds)
      clients.add(name_of(peer),
                  Value::object({{"median", line.medians.at(peer)},
                                 {"least", *std::min_element(numbers.begin(), numbers.end())},
                                 {"most", *std::max_element(numbers.begin(), numbers.end())}}));
    Value row = Value::object({{"label", line.label}, {"unit", line.unit}, {"base", line.base}});
    row.add("ratio", line.ratio == 0 ? Value() : Value(line.ratio));
    row.add("clients", std::move(clients));
    rows.push_back(std::move(row));
  }
  return Value::object({{"rows", std::move(rows)}});
}

void print(const std::vector<Line>& lines, const Value& old, bool with_npm) {
  const auto cell = [](const Line& line, Peer peer) {
    const auto number = line.medians.find(peer);
    return number == line.medians.end() ? std::string("–") : number_text(number->second);
  };
  std::string head = padded("", 36, false) + padded("unit", 12, false) + padded("tachikoma", 11) +
                     padded("libcurl", 11) + padded("ratio", 8) + padded("raw", 11);
  if (with_npm) head += padded("npm", 11);
  if (!old.is_null()) head += "   ratio before → now";
  std::puts(head.c_str());
  for (const Line& line : lines) {
    std::string text = padded(line.label, 36, false) + padded(line.unit, 12, false) +
                       padded(cell(line, Peer::tachikoma), 11) + padded(cell(line, Peer::curl), 11) +
                       padded(line.ratio == 0 ? "–" : number_text(line.ratio), 8) +
                       padded(cell(line, Peer::raw), 11);
    if (with_npm) text += padded(cell(line, Peer::npm), 11);
    if (!old.is_null()) text += "   " + change_text(line, old);
    std::puts(text.c_str());
  }
}

}  // namespace tachikoma::bench
