#include "curves.hpp"

#include <cstdio>

#include "tenon/io/svg.hpp"

void write_curves(const tenon::train::Log& curves, const std::string& title, const std::string& folder) {
  const std::string prefix = folder == "." ? "" : folder + "/";
  const std::string csv = prefix + "curves.csv", picture = prefix + "curves.svg";
  curves.write(csv);
  const auto& epochs = curves["epoch"];
  tenon::io::svg::LineChart{.title = title,
                            .x_label = "epoch",
                            .y_label = "cross-entropy; share of images",
                            .series = {{"training loss", epochs, curves["loss"]},
                                       {"validation loss", epochs, curves["validation_loss"]},
                                       {"training accuracy", epochs, curves["accuracy"]},
                                       {"validation accuracy", epochs, curves["validation_accuracy"]}}}
      .write(picture);
  std::printf("curves   %s, %s\n", csv.c_str(), picture.c_str());
}
