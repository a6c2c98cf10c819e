// Operations on rows in LibTorch, behind an interface that includes none of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bench::torch_peer {

/// One operation with its data.
class RowsOp {
 public:
  virtual ~RowsOp() = default;
  virtual void forward() = 0;
  /// forward, recorded, and the gradients.
  virtual void forward_and_backward() = 0;
  /// The result of the last forward; after forward_and_backward, the gradient of x.
  virtual std::vector<double> output() const = 0;
};

/// x and dy: (rows, columns), row-major; dy is the adjoint of the result.
struct RowsData {
  std::int64_t rows, columns;
  std::vector<float> x, dy;
  std::vector<float> weight, bias;   ///< of layer_norm
  std::vector<std::int32_t> labels;  ///< of cross_entropy
};

std::unique_ptr<RowsOp> softmax(const RowsData& data);
std::unique_ptr<RowsOp> layer_norm(const RowsData& data);
/// The mean over the rows.
std::unique_ptr<RowsOp> cross_entropy(const RowsData& data);
/// x^T without gaps; dy is (columns, rows).
std::unique_ptr<RowsOp> transposed_copy(const RowsData& data);
/// Of each row. Forward only.
std::unique_ptr<RowsOp> argmax(const RowsData& data);
/// One update of `rows` parameters of `columns` elements x by gradients dy; rate 1e-3. Forward only; output: x.
std::unique_ptr<RowsOp> adam(const RowsData& data);

}  // namespace bench::torch_peer
