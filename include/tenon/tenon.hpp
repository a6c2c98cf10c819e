// Everything but what needs a library beside xsimd: linalg/ and interop/ (Eigen) and io/gzip.hpp (zlib).
#pragma once

#include "tenon/autodiff/functional.hpp"
#include "tenon/autodiff/step.hpp"
#include "tenon/data.hpp"
#include "tenon/nn.hpp"
#include "tenon/op.hpp"
#include "tenon/optim.hpp"
#include "tenon/simd/build_info.hpp"
#include "tenon/tensor.hpp"
#include "tenon/train.hpp"
