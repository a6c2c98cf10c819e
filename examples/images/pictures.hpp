// Grey images drawn in a terminal, side by side.
#pragma once

#include <string>
#include <vector>

#include "tenon/train/terminal.hpp"

/// A square image with two lines of text below.
struct Picture {
  std::vector<float> pixels = {};  ///< row by row, 0 is black and 1 white
  int side = 0;
  std::string title = {}, remark = {};  ///< the remark, when there is one, marks a mistake
};

/// As many of the pictures as fit beside each other; they are drawn in 256 colours, in shaded blocks, or in ASCII.
std::string draw_pictures(const std::vector<Picture>& pictures, const tenon::train::Terminal& terminal);
