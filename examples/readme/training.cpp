// Modules, training, inference.
#include <iostream>
#include <tenon/tenon.hpp>

#include "readme.hpp"

namespace tn = tenon;

namespace {

// README
struct Classifier {               // a module is a plain struct
  tn::nn::Linear<16, 32> hidden;  // its parameters are found and named: "hidden.weight"
  tn::nn::Dropout dropout{0.1};
  tn::nn::Linear<32, 4> output;
  auto operator()(const auto& x) const { return output(dropout(relu(hidden(x)))); }
};
// END

// README
class Scale {  // private members: reflection cannot see them, so the class names them itself
 public:
  auto operator()(const auto& x) const { return x * gain_; }
  void initialize(tn::Rng&) { tn::nn::constant(gain_, 1); }  // what nn::init calls
  void members(auto&& visit) { visit("gain", gain_); }

 private:
  tn::Parameter<float, 16> gain_;
};
// END

struct Scaled {
  Scale scale;
  tn::nn::Linear<16, 4> output;
  auto operator()(const auto& x) const { return output(scale(x)); }
};
struct Recurrent {
  tn::Parameter<float, 8, 8> weight;
};

/// Samples of which the class is the place of the largest of the first four features.
auto make_set(tn::Rng& rng) {
  auto x = tn::uniform<float, tn::dyn, 16>(rng, {512, 16}, -1, 1);
  tn::Tensor labels = tn::cast<std::int32_t>(argmax(x(tn::all, tn::range(0, 4)), tn::axis<1>));
  return tn::data::Dataset(std::move(x), std::move(labels));
}

void train_and_use() {
  tn::Rng rng(42);
  const auto set = make_set(rng);
  // README
  auto net = tn::nn::init<Classifier>(rng);
  auto adam = tn::optim::Adam(net, {.learning_rate = 3e-3});
  auto [train, held_out] = tn::data::split(set, 0.8, rng);
  tn::Arena arena;
  for (int epoch = 0; epoch < 20; ++epoch) {
    for (auto [samples, labels] : tn::data::batches(train, 64, rng)) {
      tn::Step step(arena, net, rng);  // net learns in this step; rng feeds dropout
      auto loss = cross_entropy(net(step.input(samples)), labels);
      std::move(step).backward(loss);  // step.backward(loss) does not compile
      adam.update(net);                // refused while the step still holds net
    }
  }
  // END
  // README
  tn::train::ConfusionMatrix confusion(4);
  for (auto [samples, labels] : tn::data::batches(held_out, 64)) {
    tn::Scope scope(arena);  // records nothing; dropout is off
    auto classes = argmax(net(scope.input(samples)), tn::axis<1>);
    confusion.add(classes, labels);
  }
  std::cout << confusion.to_string();
  // END
  if (confusion.accuracy() < 0.5)
    throw tn::ValueError(tn::Loc::current(), "the README's network has learned nothing", "look at the loss");
}

void options() {
  tn::Rng rng(1);
  auto net = tn::nn::init<Scaled>(rng);
  tn::Arena arena;
  const auto set = make_set(rng);
  const tn::Index steps = 20;
  // README
  tn::optim::AdamW adamw(
      {.learning_rate = 1e-3, .weight_decay = 0.05},
      tn::optim::part(net, {.weight_decay = 0}, tn::optim::vectors),  // no decay on biases and scales
      tn::optim::part(net));
  tn::optim::Cosine schedule{.learning_rate = 1e-3, .steps = steps, .warm_up = 5};
  tn::data::Batches batches = tn::data::batches<32>(set, rng);  // the batch extent in the type
  for (tn::Index k = 0; auto [samples, labels] : batches) {
    tn::Step step(arena, net);
    std::move(step).backward(cross_entropy(net(step.input(samples)), labels));
    tn::optim::clip_by_norm(net, 1.0);
    adamw.set_learning_rate(schedule(k++));
    adamw.update(net);
  }
  // END
}

float unrolled() {
  tn::Rng rng(1);
  Recurrent cell;
  tn::nn::xavier_normal(cell.weight, rng);
  tn::Arena arena;
  const auto inputs = tn::normal<float, tn::dyn, 8>(rng, {10, 8});
  // README
  tn::Step step(arena, cell);
  tn::Value h = tn::zeros<float, 8>(step);  // a Value has one type, whatever made it
  for (tn::Index t = 0; t < inputs.shape()[0]; ++t) h = tanh(matmul(h, cell.weight) + inputs(t, tn::all));
  std::move(step).backward(sum(h));
  tn::Tensor slope = 1 * cell.weight.gradient();
  // END
  return slope(0, 0);
}

}  // namespace

void training() {
  train_and_use();
  options();
  std::cout << unrolled() << '\n';
}
