// Instructions of warm training steps and of inference, and what the checks of tenon add to them; that they ask for no
// memory.
#include "benchmarks/harness/count.hpp"
#include "benchmarks/train/nets.hpp"

int main(int argc, char** argv) {
  bench::nets::ImageTraining images(64, 1e-4), image(1, 1e-4);
  bench::nets::TinyTraining tiny(1e-4);
  const auto first = [](const auto& y) { return *y.data(); };
  return bench::Counting(3, 9)
      .variant("784-256-128-10/64", [&] { return images.step(); })
      .variant("784-256-128-10/1", [&] { return image.step(); })
      .variant("4-32-32-1/32", [&] { return tiny.step(); })
      .variant("inference/64", [&] { return images.infer(first); })
      .variant("inference/1", [&] { return image.infer(first); })
      .at_most_times("784-256-128-10/64", 1.01, "unchecked")
      .at_most_times("784-256-128-10/1", 1.02, "unchecked")
      .no_memory("784-256-128-10/64")
      .no_memory("784-256-128-10/1")
      .no_memory("4-32-32-1/32")
      .no_memory("inference/64")
      .no_memory("inference/1")
      .run(argc, argv);
}
