// Optimisers, learning-rate schedules, clipping.
#pragma once

#include "tenon/optim/adam.hpp"
#include "tenon/optim/clip.hpp"
#include "tenon/optim/part.hpp"
#include "tenon/optim/schedule.hpp"
#include "tenon/optim/sgd.hpp"
