#include "llama.hpp"

#include <cstring>

#include "tenon/autodiff/step.hpp"
#include "tenon/io/file.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/attention.hpp"
#include "tenon/op/embedding.hpp"
#include "tenon/op/layer_norm.hpp"
#include "tenon/op/matmul.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/op/rotary_embedding.hpp"
#include "tenon/op/silu.hpp"
#include "tenon/op/slice.hpp"
#include "tenon/tensor/rearrange.hpp"

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {

/// The numbers of a file, one array after the other.
class Floats {
 public:
  Floats(const std::string& path, const std::vector<std::byte>& bytes, std::size_t header)
      : path_(path), at_(bytes.data() + header), left_((bytes.size() - header) / sizeof(float)) {}

  Llama::Vector vector(Index n) {
    Llama::Vector v({n});
    read(v.mut().data(), n);
    return v;
  }
  /// Stored as (out, in), a row an output; returned as (in, out).
  Llama::Matrix weight(Index out, Index in) {
    Llama::Matrix rows({out, in});
    read(rows.mut().data(), out * in);
    return tn::transpose(rows).clone();
  }
  void skip(Index n) { read(nullptr, n); }
  bool empty() const { return left_ == 0; }

 private:
  void read(float* to, Index n) {
    if (static_cast<std::size_t>(n) > left_)
      throw tn::FileError({}, path_ + ": the file ends before the weights do", "fetch it again");
    if (to != nullptr) std::memcpy(to, at_, static_cast<std::size_t>(n) * sizeof(float));
    at_ += static_cast<std::size_t>(n) * sizeof(float);
    left_ -= static_cast<std::size_t>(n);
  }
  const std::string& path_;
  const std::byte* at_;
  std::size_t left_;
};

/// The matrices that f gives for each layer: the file holds one kind of weight for all layers, then the next kind.
template <class F> auto each_layer(Index layers, F f) {
  std::vector<decltype(f())> all;
  for (Index i = 0; i < layers; ++i) all.push_back(f());
  return all;
}
/// a, b and c side by side: (in, out of a + out of b + out of c).
Llama::Matrix side_by_side(const Llama::Matrix& a, const Llama::Matrix& b, const Llama::Matrix& c) {
  Llama::Matrix all({a.shape()[0], a.shape()[1] + b.shape()[1] + c.shape()[1]});
  auto to = all.mut();
  Index first = 0;
  for (const Llama::Matrix* part : {&a, &b, &c}) {
    for (Index i = 0; i < part->shape()[0]; ++i)
      for (Index j = 0; j < part->shape()[1]; ++j) to.data()[i * all.shape()[1] + first + j] = (*part)(i, j);
    first += part->shape()[1];
  }
  return all;
}

Llama::Sizes read_sizes(const std::string& path, const std::vector<std::byte>& bytes) {
  Llama::Sizes s{};
  if (bytes.size() >= sizeof s) std::memcpy(&s, bytes.data(), sizeof s);
  const auto fits = [](std::int32_t x) { return x > 0 && x < (1 << 20); };
  if (!fits(s.dim) || !fits(s.hidden) || !fits(s.layers) || !fits(s.heads) || !fits(s.kv_heads) || s.vocabulary == 0 ||
      !fits(s.longest) || s.heads % s.kv_heads != 0 || s.dim % (2 * s.heads) != 0)
    throw tn::FileError({}, path + ": this is no model in llama2.c's format", "give a file such as stories260K.bin");
  return s;
}

}  // namespace

Llama::Llama(const std::string& path) : embedding_({0, 0}), output_({0, 0}), before_output_({0}) {
  const auto bytes = tn::io::read_file(path);
  sizes_ = read_sizes(path, bytes);
  const bool own_output = sizes_.vocabulary < 0;  // else the embedding is used backwards
  sizes_.vocabulary = own_output ? -sizes_.vocabulary : sizes_.vocabulary;
  const Index dim = sizes_.dim, hidden = sizes_.hidden, kv = dim / sizes_.heads * sizes_.kv_heads, n = sizes_.layers;
  Floats file(path, bytes, sizeof sizes_);

  output_ = file.weight(sizes_.vocabulary, dim);
  embedding_ = tn::transpose(output_).clone();
  auto before_attention = each_layer(n, [&] { return file.vector(dim); });
  const auto q = each_layer(n, [&] { return file.weight(dim, dim); }),
             k = each_layer(n, [&] { return file.weight(kv, dim); }),
             v = each_layer(n, [&] { return file.weight(kv, dim); });
  auto mix = each_layer(n, [&] { return file.weight(dim, dim); });
  auto before_expansion = each_layer(n, [&] { return file.vector(dim); });
  auto gate = each_layer(n, [&] { return file.weight(hidden, dim); }),
       contract = each_layer(n, [&] { return file.weight(dim, hidden); }),
       expand = each_layer(n, [&] { return file.weight(hidden, dim); });
  before_output_ = file.vector(dim);
  if (own_output) {
    file.skip(sizes_.longest * (dim / sizes_.heads));  // tables of cosines and sines, not needed
    output_ = file.weight(sizes_.vocabulary, dim);
  }
  for (std::size_t i = 0; i < q.size(); ++i)
    layers_.push_back({std::move(before_attention[i]), std::move(before_expansion[i]), side_by_side(q[i], k[i], v[i]),
                       std::move(mix[i]), std::move(gate[i]), std::move(expand[i]), std::move(contract[i])});
}

std::vector<float> Llama::next(const std::vector<std::int32_t>& tokens, tn::Arena& arena) const {
  const Index time = static_cast<Index>(tokens.size()), dim = sizes_.dim, head = dim / sizes_.heads;
  Tokens ids({time});
  std::memcpy(ids.mut().data(), tokens.data(), tokens.size() * sizeof(tokens[0]));
  tn::Scope scope(arena);
  tn::Value x = tn::embedding(embedding_, scope.input(ids));
  for (const Layer& l : layers_) {
    const tn::Value qkv = tn::matmul(tn::rms_norm(x, l.before_attention), l.projection);
    const auto turned = tn::rotary_embedding(tn::reshape(qkv, {1, time, qkv.shape()[1]}),
                                             {.dim = head, .heads = sizes_.heads + sizes_.kv_heads});
    const auto seen = tn::self_attention(turned, {.heads = sizes_.heads, .kv_heads = sizes_.kv_heads, .causal = true});
    x = x + tn::matmul(tn::reshape(seen, {time, dim}), l.mix);
    const tn::Value h = tn::rms_norm(x, l.before_expansion);
    const tn::Value wide = tn::silu(tn::matmul(h, l.gate)) * tn::matmul(h, l.expand);
    x = x + tn::matmul(wide, l.contract);
  }
  const tn::Value last = tn::rms_norm(x, before_output_)(tn::range(time - 1, time), tn::all);
  const tn::Value logits = tn::matmul(last, output_);
  return logits.to_vector();
}
