// A multilayer perceptron and its training step in plain Eigen, written by hand: no tape, no allocation after the
// constructor, each update applied in the product that forms the gradient. The floor that an automatic step is judged
// by.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <tuple>
#include <utility>

namespace bench::eigen {

/// A matrix whose extents are in its type when Fixed, else on the heap; rows lie without gaps.
template <class T, bool Fixed, int Rows, int Cols>
using MatrixOf = Eigen::Matrix<T, Fixed ? Rows : Eigen::Dynamic, Fixed ? Cols : Eigen::Dynamic,
                               Fixed && Cols == 1 && Rows != 1 ? Eigen::ColMajor : Eigen::RowMajor>;

/// In place, and its derivative from the output: what `dz = dy .* partial(y)` needs.
struct TanhActivation {
  template <class M> static void apply(M& y) { y.array() = y.array().tanh(); }
  template <class M, class Y> static void multiply_by_partial(M& dy, const Y& y) {
    dy.array() *= 1 - y.array().square();
  }
};
struct ReluActivation {
  template <class M> static void apply(M& y) { y.array() = y.array().max(typename M::Scalar(0)); }
  template <class M, class Y> static void multiply_by_partial(M& dy, const Y& y) {
    dy.array() = (y.array() > typename Y::Scalar(0)).select(dy.array(), typename M::Scalar(0));
  }
};

/// Losses: return the value for the outputs y, and turn y into dloss/dy.
struct MeanSquares {
  template <class M, class Target> static typename M::Scalar value_and_gradient(M& y, const Target& target) {
    using T = typename M::Scalar;
    y -= target;
    const T count = static_cast<T>(y.size()), loss = y.squaredNorm() / count;
    y *= T(2) / count;
    return loss;
  }
};
/// target[i] is the class of row i; the mean over the rows.
struct SoftmaxCrossEntropy {
  template <class M> static typename M::Scalar value_and_gradient(M& y, const int* target) {
    using T = typename M::Scalar;
    const T rows = static_cast<T>(y.rows());
    T loss = 0;
    for (Eigen::Index i = 0; i < y.rows(); ++i) {
      auto row = y.row(i).array();
      const T high = row.maxCoeff(), chosen = row(target[i]);
      row = (row - high).exp();
      const T sum = row.sum();
      loss += high + std::log(sum) - chosen;
      row *= 1 / (sum * rows);
      row(target[i]) -= 1 / rows;
    }
    return loss / rows;
  }
};

/// y = x w + b. `delta` holds dloss/d(x w + b) on the way back.
template <class T, bool Fixed, int Batch, int In, int Out> struct Layer {
  MatrixOf<T, Fixed, In, Out> weight{In, Out};
  MatrixOf<T, Fixed, 1, Out> bias{1, Out};
  MatrixOf<T, Fixed, Batch, Out> y{Batch, Out}, delta{Batch, Out};

  template <class X> void forward(const X& x) {
    y.noalias() = x * weight;
    y.rowwise() += bias.row(0);
  }
  /// Pre: dx was formed already, since it needs the weight as it was.
  template <class X, class D> void descend(const X& x, const D& dy, T rate) {
    weight.noalias() -= rate * x.transpose() * dy;
    bias -= rate * dy.colwise().sum();
  }
};

/// Layers Sizes[0] -> Sizes[1] -> ...; the activation follows every layer but the last.
template <class T, bool Fixed, class Activation, class Loss, int Batch, int... Sizes> class Mlp {
  static constexpr int sizes[] = {Sizes...};
  static constexpr std::size_t depth = sizeof...(Sizes) - 1;
  template <std::size_t... I>
  static auto make_layers(std::index_sequence<I...>) -> std::tuple<Layer<T, Fixed, Batch, sizes[I], sizes[I + 1]>...>;
  decltype(make_layers(std::make_index_sequence<depth>())) layers_;

 public:
  static constexpr int inputs = sizes[0], outputs = sizes[depth], batch = Batch;
  using Input = MatrixOf<T, Fixed, Batch, inputs>;

  /// Visits (weight, bias) of each layer from the input on.
  template <class Visit> void parameters(Visit visit) {
    std::apply([&](auto&... layer) { (visit(layer.weight, layer.bias), ...); }, layers_);
  }

  /// One step of gradient descent; returns the loss before it. x is Batch by inputs.
  template <class X, class Target> T step(const X& x, const Target& target, T rate) {
    T loss{};
    run<0>(x, target, rate, loss);
    return loss;
  }
  /// The outputs for x, without learning.
  template <class X> const auto& infer(const X& x) { return infer_from<0>(x); }

 private:
  template <std::size_t I, class X> const auto& infer_from(const X& x) {
    auto& layer = std::get<I>(layers_);
    layer.forward(x);
    if constexpr (I + 1 == depth) {
      return layer.y;
    } else {
      Activation::apply(layer.y);
      return infer_from<I + 1>(layer.y);
    }
  }
  /// Forward through layer I, then the rest, then back through layer I. Leaves dloss/d(pre-activation) in `delta`.
  template <std::size_t I, class X, class Target> void run(const X& x, const Target& target, T rate, T& loss) {
    auto& layer = std::get<I>(layers_);
    layer.forward(x);
    if constexpr (I + 1 == depth) {
      loss = Loss::value_and_gradient(layer.y, target);
      backward<I>(x, layer.y, rate);
    } else {
      Activation::apply(layer.y);
      run<I + 1>(layer.y, target, rate, loss);
      backward<I>(x, layer.delta, rate);
    }
  }
  template <std::size_t I, class X, class D> void backward(const X& x, const D& dy, T rate) {
    auto& layer = std::get<I>(layers_);
    if constexpr (I > 0) {
      auto& before = std::get<I - 1>(layers_);
      before.delta.noalias() = dy * layer.weight.transpose();
      Activation::multiply_by_partial(before.delta, before.y);
    }
    layer.descend(x, dy, rate);
  }
};

/// 4-32-32-1, tanh, mean squares, batch 32; extents in the types, as a hand would write it.
template <class T> using TinyMlp = Mlp<T, true, TanhActivation, MeanSquares, 32, 4, 32, 32, 1>;
template <class T> using TinyMlpDynamic = Mlp<T, false, TanhActivation, MeanSquares, 32, 4, 32, 32, 1>;
/// 784-256-128-10, relu, softmax cross-entropy.
template <class T, int Batch>
using ImageMlp = Mlp<T, false, ReluActivation, SoftmaxCrossEntropy, Batch, 784, 256, 128, 10>;

}  // namespace bench::eigen
