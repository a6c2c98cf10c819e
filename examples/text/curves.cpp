#include "curves.hpp"

#include <cstdio>

#include "tenon/io/svg.hpp"

void write_curves(const tenon::train::Log& curves, const std::string& title, const std::string& folder) {
  const std::string prefix = folder == "." ? "" : folder + "/";
  const std::string csv = prefix + "curves.csv", picture = prefix + "curves.svg";
  curves.write(csv);
  const auto& steps = curves["step"];
  tenon::io::svg::LineChart{
      .title = title,
      .x_label = "step",
      .y_label = "bits a character",
      .series = {{"training", steps, curves["training_bits"]}, {"held out", steps, curves["held_out_bits"]}}}
      .write(picture);
  std::printf("curves   %s, %s\n", csv.c_str(), picture.c_str());
}
