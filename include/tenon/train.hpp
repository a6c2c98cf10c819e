// What a training loop is made of: progress, metrics, curves, early stop, Ctrl-C.
#pragma once

#include "tenon/train/early_stop.hpp"
#include "tenon/train/finite.hpp"
#include "tenon/train/interrupt.hpp"
#include "tenon/train/log.hpp"
#include "tenon/train/metrics.hpp"
#include "tenon/train/progress.hpp"
#include "tenon/train/terminal.hpp"
