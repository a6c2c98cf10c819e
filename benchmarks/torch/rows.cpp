#include "benchmarks/torch/rows.hpp"

#include <torch/torch.h>

#include <functional>

namespace bench::torch_peer {
namespace {

using torch::Tensor;

Tensor matrix(const std::vector<float>& values, std::int64_t rows, std::int64_t columns) {
  return torch::from_blob(const_cast<float*>(values.data()), {rows, columns}, torch::kFloat).clone();
}
std::vector<double> numbers(const Tensor& x) {
  const Tensor y = x.detach().to(torch::kDouble).contiguous();
  return std::vector<double>(y.data_ptr<double>(), y.data_ptr<double>() + y.numel());
}

/// y = f(); `variables` get gradients, x first.
class Function : public RowsOp {
 public:
  Function(std::vector<Tensor> variables, Tensor dy, std::function<Tensor()> f)
      : variables_(std::move(variables)), dy_(std::move(dy)), f_(std::move(f)) {
    for (Tensor& v : variables_) v.set_requires_grad(true);
  }
  void forward() override {
    const torch::NoGradGuard guard;
    out_ = f_();
  }
  /// A gradient that is a view of dy becomes an array, as it does in a parameter.
  void forward_and_backward() override { out_ = torch::autograd::grad({f_()}, variables_, {dy_})[0].contiguous(); }
  std::vector<double> output() const override { return numbers(out_); }

 private:
  std::vector<Tensor> variables_;
  Tensor dy_;
  std::function<Tensor()> f_;
  Tensor out_;
};

class Adam : public RowsOp {
 public:
  explicit Adam(const RowsData& d) {
    const Tensor all = matrix(d.x, d.rows, d.columns), gradients = matrix(d.dy, d.rows, d.columns);
    for (std::int64_t i = 0; i < d.rows; ++i) {
      parameters_.push_back(all[i].clone().set_requires_grad(true));
      parameters_.back().mutable_grad() = gradients[i].clone();
    }
    adam_ = std::make_unique<torch::optim::Adam>(parameters_, torch::optim::AdamOptions(1e-3));
  }
  void forward() override { adam_->step(); }
  void forward_and_backward() override { forward(); }
  std::vector<double> output() const override { return numbers(torch::stack(parameters_)); }

 private:
  std::vector<Tensor> parameters_;
  std::unique_ptr<torch::optim::Adam> adam_;
};

}  // namespace

std::unique_ptr<RowsOp> softmax(const RowsData& d) {
  const Tensor x = matrix(d.x, d.rows, d.columns);
  return std::make_unique<Function>(std::vector{x}, matrix(d.dy, d.rows, d.columns),
                                    [x] { return torch::softmax(x, 1); });
}
std::unique_ptr<RowsOp> layer_norm(const RowsData& d) {
  const Tensor x = matrix(d.x, d.rows, d.columns), w = matrix(d.weight, 1, d.columns)[0].clone(),
               b = matrix(d.bias, 1, d.columns)[0].clone();
  return std::make_unique<Function>(std::vector{x, w, b}, matrix(d.dy, d.rows, d.columns),
                                    [=] { return torch::layer_norm(x, {d.columns}, w, b); });
}
std::unique_ptr<RowsOp> cross_entropy(const RowsData& d) {
  const Tensor x = matrix(d.x, d.rows, d.columns);
  const Tensor labels =
      torch::from_blob(const_cast<std::int32_t*>(d.labels.data()), {d.rows}, torch::kInt).to(torch::kLong);
  return std::make_unique<Function>(std::vector{x}, torch::ones({}),
                                    [=] { return torch::nn::functional::cross_entropy(x, labels); });
}
std::unique_ptr<RowsOp> transposed_copy(const RowsData& d) {
  const Tensor x = matrix(d.x, d.rows, d.columns);
  return std::make_unique<Function>(std::vector{x}, matrix(d.dy, d.columns, d.rows),
                                    [x] { return x.t().contiguous(); });
}
std::unique_ptr<RowsOp> argmax(const RowsData& d) {
  const Tensor x = matrix(d.x, d.rows, d.columns);
  return std::make_unique<Function>(std::vector<Tensor>{}, Tensor(), [x] { return torch::argmax(x, 1); });
}
std::unique_ptr<RowsOp> adam(const RowsData& d) { return std::make_unique<Adam>(d); }

}  // namespace bench::torch_peer
