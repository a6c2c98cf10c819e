// What the program does with a text, by one network or the other.
#pragma once

#include "options.hpp"
#include "text.hpp"

/// Learns the text, reports, and writes.
void learn_gpt(const Text& text, const Options& options);
void learn_lstm(const Text& text, const Options& options);
