// The outcome as pictures: one grouped bar chart for each group of cases.
#pragma once

#include <string>

#include "benchmarks/harness/report.hpp"

namespace bench {

/// Writes `folder`/<group>.svg for each group: for each case, the speed of every contender, that of the
/// fastest peer being 1.
/// Returns the path that could not be written; empty when all were.
std::string write_charts(const std::string& folder, const Report& report);

}  // namespace bench
