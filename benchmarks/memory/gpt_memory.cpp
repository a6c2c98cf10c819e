// The memory of a training step of the GPT of sequence_nets.hpp, tenon's and LibTorch's. Each is measured in a process of
// its own, forked before anything was computed: the growth of its resident memory, from before the model is made to the
// peak of five steps. For tenon also what its objects say: the arena's high water, and parameters, gradients and
// moments.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>

#include "benchmarks/torch/training.hpp"
#include "benchmarks/train/sequence_nets.hpp"
#include "tenon/autodiff/parameters.hpp"
#include "tenon/autodiff/remat.hpp"

namespace {

using GPT = bench::nets::CharGPT;
using Training = bench::nets::SequenceTraining<GPT>;
constexpr int steps = 5;

/// A line of /proc/self/status in bytes: "VmRSS:" now, "VmHWM:" at its peak.
double status(const char* name) {
  double kilobytes = 0;
  if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, file) != nullptr)
      if (std::strncmp(line, name, std::strlen(name)) == 0) std::sscanf(line + std::strlen(name), "%lf", &kilobytes);
    std::fclose(file);
  }
  return 1024 * kilobytes;
}

struct Measured {
  double growth = 0, stated = 0, loss = 0;
};

/// body() in a child process.
Measured in_a_process(const std::function<Measured()>& body) {
  int ends[2];
  Measured m;
  if (pipe(ends) != 0) return m;
  if (fork() == 0) {
    const Measured own = body();
    _exit(write(ends[1], &own, sizeof own) == sizeof own ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &m, sizeof m) != sizeof m) std::puts("a measurement failed");
  close(ends[0]);
  wait(nullptr);
  return m;
}

Measured ours(bool again) {
  Measured m;
  const double before = status("VmRSS:");
  Training t;
  for (int i = 0; i < steps; ++i) {
    tenon::Step step(t.arena, t.net);
    const tenon::Value logits = t.net.run(step.input(t.ids), [&](const GPT::Block& block, const auto& x) {
      return again ? tenon::remat([&block](const auto& v) { return block(v); })(x) : block(x);
    });
    const tenon::Value loss = tenon::cross_entropy(logits, t.next);
    std::move(step).backward(loss);
    t.adam.update(t.net);
    m.loss = static_cast<double>(loss.item());
  }
  m.growth = status("VmHWM:") - before;
  m.stated = static_cast<double>(t.arena.statistics().high_water);
  tenon::for_each_parameter(t.net, [&](const tenon::Path&, const auto& p) {
    m.stated += 4. * sizeof(float) * static_cast<double>(p.value().size());  // value, gradient, two moments
  });
  return m;
}

Measured libtorch() {
  using bench::torch_peer::gpt;
  bench::torch_peer::set_threads(1);
  const std::vector<std::int32_t> few(16, 1);
  gpt({4, 32, 8, 2, 4, 1}, few, few, 1e-4)->step();  // the library's own code comes into memory
  Measured m;
  const double before = status("VmRSS:");
  const auto training = gpt({GPT::vocabulary, GPT::dim, GPT::steps, GPT::batch, GPT::heads, 4},
                            Training::characters(7).to_vector(), Training::characters(11).to_vector(), 1e-4);
  for (int i = 0; i < steps; ++i) m.loss = static_cast<double>(training->step());
  m.growth = status("VmHWM:") - before;
  return m;
}

void line(const char* name, const Measured& m) {
  std::printf("%-34s %8.1f MB", name, m.growth / 1e6);
  if (m.stated > 0) std::printf(" %8.1f MB", m.stated / 1e6);
  std::puts("");
}

}  // namespace

int main() {
  const Measured peer = in_a_process(libtorch), plain = in_a_process([] { return ours(false); }),
                 again = in_a_process([] { return ours(true); });
  std::puts("GPT of 4 blocks, 128 characters, batch 16: memory of a training step");
  std::puts("resident: growth of resident memory; stated: the arena's high water + parameters, gradients and moments");
  std::printf("%-34s %11s %11s\n", "", "resident", "stated");
  line("LibTorch", peer);
  line("tenon", plain);
  line("tenon, blocks by remat", again);
  const bool met = plain.stated < peer.growth && plain.growth < peer.growth, less = again.stated < plain.stated,
             same = again.loss == plain.loss;
  std::printf("goal: tenon below LibTorch: %s (%.2f of it resident)\n", met ? "met" : "MISSED",
              plain.growth / peer.growth);
  std::printf("goal: remat takes less, and the same loss: %s (%.2f of it)\n", less && same ? "met" : "MISSED",
              again.stated / plain.stated);
  return 0;
}
