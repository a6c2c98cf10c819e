// How well the text was guessed, round by round.
#pragma once

#include <string>

#include "tenon/train/log.hpp"

/// The columns of the log.
inline tenon::train::Log new_curves() {
  return tenon::train::Log({"step", "training_bits", "held_out_bits", "characters_per_second"});
}
/// Writes curves.csv and curves.svg to a folder and says so.
void write_curves(const tenon::train::Log& curves, const std::string& title, const std::string& folder);
