// Tensors: making, looking at, rearranging them, handing them to threads.
#pragma once

#include "tenon/tensor/compare.hpp"
#include "tenon/tensor/from_vector.hpp"
#include "tenon/tensor/frozen.hpp"
#include "tenon/tensor/make.hpp"
#include "tenon/tensor/make_random.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/print.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tenon/tensor/spawn.hpp"
#include "tenon/tensor/tensor.hpp"
#include "tenon/tensor/unsafe_borrow.hpp"
