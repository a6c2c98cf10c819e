// Random sequences of calls on tensors, views, mutable views, expressions, scopes and values, beside a model that knows what
// lives, who writes and what every element is: a call must throw exactly when the model says so, and every number read must
// be the model's. Two bytes of input are a call and its arguments.
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/tensor/make.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

using Vector = tn::Tensor<float, tn::dyn>;
Vector filled(Index n, float x) { return tn::full<float>(x, {n}); }
auto plus_one(const Vector& t) { return t + 1.f; }
using Sum = decltype(plus_one(std::declval<const Vector&>()));

void require(bool ok) {
  if (!ok) std::abort();
}
template <class F> void throws_exactly_if(bool wrong, const F& call) {
  bool threw = false;
  try {
    call();
  } catch (const tn::Error&) {
    threw = true;
  }
  require(threw == wrong);
}

struct Storage {
  std::vector<float> x;
  bool tensor = true;  // some tensor owns it
  int frames = 0;      // that keep it
  int holder = -1;     // the frame that refuses writes
  int writers = 0;
  unsigned version = 0;
  bool alive() const { return tensor || frames > 0; }
};
struct Frame {
  bool alive = true;
  std::vector<int> kept;
};

/// Objects and what the model knows of them.
class Run {
 public:
  void call(unsigned op, unsigned byte) {
    const int a = byte & 3, b = (byte >> 2) & 7, c = (byte >> 5) & 3;
    switch (op % 16) {
      case 0:
        return create(a, b);
      case 1:
        return destroy(a);
      case 2:
        return take_view(a, b);
      case 3:
        return read_view(b, c);
      case 4:
        return move_tensor(a, b & 3);
      case 5:
        return begin_writing(a, c);
      case 6:
        return write(c, b);
      case 7:
        return end_writing(c);
      case 8:
        return open_scope();
      case 9:
        return close_scope();
      case 10:
        return input(a, c, b);
      case 11:
        return build(a, c);
      case 12:
        return evaluate(c);
      case 13:
        return split(c, b);
      case 14:
        return clone(a);
      default:
        return read_value(c, b);
    }
  }
  ~Run() {
    for (auto& e : sum_) e.reset();
    for (int c = 0; c < 4; ++c) end_writing(c);
    while (!scope_.empty()) close_scope();
  }

 private:
  bool moved(int a) const { return tensor_store_[a] < 0; }
  Storage& of(int a) { return store_[static_cast<std::size_t>(tensor_store_[a])]; }
  Storage& at(int s) { return store_[static_cast<std::size_t>(s)]; }

  void create(int a, int n) {
    destroy(a);
    const auto x = static_cast<float>(store_.size());
    tensor_[a].emplace(filled(n, x));
    tensor_store_[a] = static_cast<int>(store_.size());
    store_.push_back({std::vector<float>(static_cast<std::size_t>(n), x)});
  }
  void destroy(int a) {
    if (!tensor_[a]) return;
    if (!moved(a)) of(a).tensor = false;
    tensor_[a].reset();
    tensor_store_[a] = -1;
  }
  void move_tensor(int from, int to) {
    if (!tensor_[from] || tensor_[to]) return;
    tensor_[to].emplace(std::move(*tensor_[from]));
    tensor_store_[to] = std::exchange(tensor_store_[from], -1);
  }
  void take_view(int a, int b) {
    if (!tensor_[a]) return;
    throws_exactly_if(moved(a) || of(a).writers > 0, [&] {
      view_[b].emplace(tensor_[a]->view());
      view_store_[b] = tensor_store_[a];
    });
  }
  void read_view(int b, int i) {
    if (!view_[b]) return;
    const Storage& s = at(view_store_[b]);
    const auto n = static_cast<int>(s.x.size());
    throws_exactly_if(!s.alive() || s.writers > 0 || i >= n,
                      [&] { require((*view_[b])(i) == s.x[static_cast<std::size_t>(i)]); });
  }
  void begin_writing(int a, int c) {
    if (!tensor_[a] || writer_[c]) return;
    throws_exactly_if(moved(a) || of(a).writers > 0 || of(a).holder >= 0, [&] {
      writer_[c].emplace(tensor_[a]->mut());
      writes_[c] = {tensor_store_[a], 0, static_cast<int>(of(a).x.size())};
      of(a).writers = 1;
    });
  }
  void write(int c, int i) {
    if (!writer_[c]) return;
    const Writes& w = writes_[c];
    Storage& s = at(w.store);
    throws_exactly_if(!s.alive() || i >= w.count, [&] {
      (*writer_[c])(i) += 0.5f;
      s.x[static_cast<std::size_t>(w.first + i)] += 0.5f;
    });
  }
  void split(int c, int k) {
    const int other = (c + 1) & 3;
    if (!writer_[c] || writer_[other]) return;
    Writes& w = writes_[c];
    throws_exactly_if(!at(w.store).alive() || k > w.count, [&] {
      auto halves = std::move(*writer_[c]).split(0, k);
      writer_[c].emplace(std::move(halves.first));
      writer_[other].emplace(std::move(halves.second));
      writes_[other] = {w.store, w.first + k, w.count - k};
      w.count = k;
      ++at(w.store).writers;
    });
  }
  void end_writing(int c) {
    if (!writer_[c]) return;
    writer_[c].reset();
    Storage& s = at(writes_[c].store);
    if (--s.writers == 0) ++s.version;
  }
  void open_scope() {
    if (scope_.size() >= 5) return;
    scope_.push_back(std::make_unique<std::optional<tn::Scope>>());
    scope_.back()->emplace(arena_);
    scope_frame_.push_back(static_cast<int>(frame_.size()));
    frame_.push_back({});
  }
  void close_scope() {
    if (scope_.empty()) return;
    scope_.pop_back();
    const int ended = scope_frame_.back();
    scope_frame_.pop_back();
    Frame& f = frame_[static_cast<std::size_t>(ended)];
    f.alive = false;
    for (const int s : f.kept) {
      --at(s).frames;
      if (at(s).holder == ended) at(s).holder = -1;
    }
  }
  /// A frame keeps what it is lent, unless a deeper frame holds it already: then it copies.
  void input(int a, int depth, int b) {
    if (!tensor_[a] || scope_.empty()) return;
    const auto k = static_cast<std::size_t>(depth) % scope_.size();
    const bool room = k + 2 >= scope_.size();
    throws_exactly_if(moved(a) || of(a).writers > 0 || !room, [&] {
      value_[b].emplace((**scope_[k]).input(*tensor_[a]));
      value_frame_[b] = scope_frame_[k];
      value_x_[b] = of(a).x;
      bool lent = !of(a).x.empty() && of(a).holder < 0;
      for (std::size_t j = 0; j <= k; ++j) lent = lent || (!of(a).x.empty() && of(a).holder == scope_frame_[j]);
      if (!lent) return;
      if (of(a).holder < 0) of(a).holder = scope_frame_[k];
      ++of(a).frames;
      frame_[static_cast<std::size_t>(scope_frame_[k])].kept.push_back(tensor_store_[a]);
    });
  }
  void read_value(int b, int i) {
    if (!value_[b]) return;
    const auto& x = value_x_[b];
    const bool alive = frame_[static_cast<std::size_t>(value_frame_[b])].alive;
    throws_exactly_if(!alive || i >= static_cast<int>(x.size()),
                      [&] { require((*value_[b])(i) == x[static_cast<std::size_t>(i)]); });
  }
  void build(int a, int c) {
    if (!tensor_[a]) return;
    throws_exactly_if(moved(a), [&] {
      sum_[c].emplace(plus_one(*tensor_[a]));
      sum_of_[c] = {tensor_store_[a], of(a).version};
    });
  }
  void evaluate(int c) {
    if (!sum_[c]) return;
    const Reads& r = sum_of_[c];
    const Storage& s = at(r.store);
    throws_exactly_if(!s.alive() || s.writers > 0 || s.version != r.version, [&] {
      const Vector y = std::move(*sum_[c]);
      require(y.size() == static_cast<Index>(s.x.size()));
      for (Index i = 0; i < y.size(); ++i) require(y(i) == s.x[static_cast<std::size_t>(i)] + 1);
    });
    sum_[c].reset();
  }
  void clone(int a) {
    if (!tensor_[a]) return;
    throws_exactly_if(moved(a) || of(a).writers > 0, [&] { require(tensor_[a]->clone().to_vector() == of(a).x); });
  }

  struct Writes {
    int store, first, count;
  };
  struct Reads {
    int store;
    unsigned version;
  };
  tn::Arena arena_;
  std::vector<Storage> store_;
  std::vector<Frame> frame_;
  std::optional<Vector> tensor_[4];
  int tensor_store_[4] = {-1, -1, -1, -1};
  std::optional<tn::View<float, tn::dyn>> view_[8];
  int view_store_[8] = {};
  std::optional<tn::MutView<float, tn::dyn>> writer_[4];
  Writes writes_[4] = {};
  std::optional<Sum> sum_[4];
  Reads sum_of_[4] = {};
  std::optional<tn::Value<float, tn::dyn>> value_[8];
  int value_frame_[8] = {};
  std::vector<float> value_x_[8];
  std::vector<std::unique_ptr<std::optional<tn::Scope>>> scope_;
  std::vector<int> scope_frame_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Run run;
  for (std::size_t i = 0; i + 1 < size; i += 2) run.call(data[i], data[i + 1]);
  return 0;
}
