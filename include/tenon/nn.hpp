// Modules and their initialisation.
#pragma once

#include "tenon/nn/batch_norm.hpp"
#include "tenon/nn/conv1d.hpp"
#include "tenon/nn/conv2d.hpp"
#include "tenon/nn/conv_transpose2d.hpp"
#include "tenon/nn/dropout.hpp"
#include "tenon/nn/embedding.hpp"
#include "tenon/nn/group_norm.hpp"
#include "tenon/nn/gru.hpp"
#include "tenon/nn/init.hpp"
#include "tenon/nn/layer_norm.hpp"
#include "tenon/nn/linear.hpp"
#include "tenon/nn/lstm.hpp"
#include "tenon/nn/stacked.hpp"
