#include "benchmarks/harness/chart.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <vector>

#include "tenon/io/svg.hpp"

namespace bench {
namespace {

using tenon::io::svg::BarChart;
using tenon::io::svg::Bars;
using Names = std::vector<std::string>;
using Chosen = std::vector<const Outcome*>;

/// "tanh(a x + b) c" becomes "tanh_a_x_b_c".
std::string file_name(const std::string& group) {
  std::string name;
  for (const char c : group) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
    else if (!name.empty() && name.back() != '_') name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name + ".svg";
}

template <class Item> void add_once(std::vector<Item>& list, const Item& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

/// Speed against the fastest peer of the case, from the ratios formed within the rounds, as in the table; NaN where
/// `name` takes no part.
double speed(const Outcome& outcome, const std::string& name) {
  double mine = std::numeric_limits<double>::quiet_NaN(), fastest = std::numeric_limits<double>::infinity();
  for (const Standing& standing : outcome.standings) {
    if (standing.name == name) mine = standing.ratio;
    if (!standing.subject) fastest = std::min(fastest, standing.ratio);
  }
  return (fastest < std::numeric_limits<double>::infinity() ? fastest : 1) / mine;
}

BarChart chart_of(const std::string& group, const Chosen& outcomes) {
  Names contenders;
  for (const Outcome* outcome : outcomes)
    for (const Standing& standing : outcome->standings) add_once(contenders, standing.name);
  BarChart chart{.title = group, .y_label = "speed, the fastest peer = 1", .digits = 2};
  for (const Outcome* outcome : outcomes) chart.categories.push_back(outcome->of->name);
  for (const std::string& name : contenders) {
    std::vector<double> speeds;
    for (const Outcome* outcome : outcomes) speeds.push_back(speed(*outcome, name));
    chart.bars.push_back(Bars(name, speeds));
  }
  constexpr double margins = 120, bar = 22, gap = 24;
  const auto bars = static_cast<double>(contenders.size());
  chart.width = std::max(800.0, margins + static_cast<double>(outcomes.size()) * (bars * bar + gap));
  return chart;
}

}  // namespace

std::string write_charts(const std::string& folder, const Report& report) {
  Names groups;
  for (const Outcome& outcome : report.outcomes) add_once(groups, outcome.of->group);
  for (const std::string& group : groups) {
    Chosen outcomes;
    for (const Outcome& outcome : report.outcomes)
      if (outcome.of->group == group && outcome.wrong.empty()) outcomes.push_back(&outcome);
    if (outcomes.empty()) continue;
    const std::string path = folder + "/" + file_name(group);
    if (!chart_of(group, outcomes).try_write(path)) return path;
  }
  return {};
}

}  // namespace bench
