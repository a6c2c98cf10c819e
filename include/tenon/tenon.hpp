// The library, except interop/ and io/gzip.hpp, which need Eigen and zlib, autodiff/gradcheck.hpp, which is for tests,
// and io/svg.hpp, which draws charts.
#pragma once

#include "tenon/autodiff/functional.hpp"
#include "tenon/autodiff/remat.hpp"
#include "tenon/autodiff/replicas.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/data.hpp"
#include "tenon/nn.hpp"
#include "tenon/op.hpp"
#include "tenon/optim.hpp"
#include "tenon/simd/build_info.hpp"
#include "tenon/tensor.hpp"
#include "tenon/train.hpp"
