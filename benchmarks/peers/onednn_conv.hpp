// oneDNN's convolutions: forward, gradient in the images, gradient in the filters; in the layout oneDNN likes best, or
// with the copies from and to plain NCHW that a program with NCHW data pays for.
#pragma once

#if defined(TENON_BENCH_ONEDNN_HEADERS)
#include <oneapi/dnnl/dnnl.hpp>
#if DNNL_VERSION_MAJOR == 2
#define TENON_BENCH_ONEDNN_CONV 1

#include <memory>
#include <vector>

namespace bench {

enum class ConvPass { forward, images, filters };

/// Images n x c x h x h, filters o x c x k x k, stride 1, the same padding at each side.
struct ConvSizes {
  long n, c, h, o, k, padding;
  long p() const { return h + 2 * padding - k + 1; }
  double flops() const { return 2.0 * static_cast<double>(n * o * p() * p() * c * k * k); }
  long images() const { return n * c * h * h; }
  long filters() const { return o * c * k * k; }
  long outputs() const { return n * o * p() * p(); }
};

class OnednnConv {
 public:
  /// x, w and y plain and row-major; the operand that the pass makes is written.
  OnednnConv(const ConvSizes& s, ConvPass pass, float* x, float* w, float* y, bool plain)
      : pass_(pass), plain_(plain), stream_(engine_) {
    using namespace dnnl;
    using Tag = memory::format_tag;
    const auto type = memory::data_type::f32;
    const memory::dims size[3] = {{s.n, s.c, s.h, s.h}, {s.o, s.c, s.k, s.k}, {s.n, s.o, s.p(), s.p()}};
    float* data[3] = {x, w, y};
    memory::desc any[3];
    for (int i = 0; i < 3; ++i) {
      user_[i] = memory({size[i], type, Tag::abcd}, engine_, data[i]);
      any[i] = memory::desc(size[i], type, Tag::any);
    }
    const memory::dims stride{1, 1}, padding{s.padding, s.padding};
    const auto direct = algorithm::convolution_direct;
    const convolution_forward::primitive_desc forward(
        {prop_kind::forward_training, direct, any[0], any[1], any[2], stride, padding, padding}, engine_);
    if (pass == ConvPass::forward) {
      take({forward.src_desc(), forward.weights_desc(), forward.dst_desc()}, 2);
      conv_ = convolution_forward(forward);
    } else if (pass == ConvPass::images) {
      const convolution_backward_data::primitive_desc d({direct, any[0], any[1], any[2], stride, padding, padding},
                                                        engine_, forward);
      take({d.diff_src_desc(), d.weights_desc(), d.diff_dst_desc()}, 0);
      conv_ = convolution_backward_data(d);
    } else {
      const convolution_backward_weights::primitive_desc d({direct, any[0], any[1], any[2], stride, padding, padding},
                                                           engine_, forward);
      take({d.src_desc(), d.diff_weights_desc(), d.diff_dst_desc()}, 1);
      conv_ = convolution_backward_weights(d);
    }
  }
  void operator()() {
    if (plain_) copy_inputs();
    conv_.execute(stream_, {{pass_ == ConvPass::images ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, own_[0]},
                            {pass_ == ConvPass::filters ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, own_[1]},
                            {pass_ == ConvPass::forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, own_[2]}});
    if (plain_) copy(own_[result_], user_[result_]);
    stream_.wait();
  }
  /// The result in the plain memory.
  void finish() {
    copy(own_[result_], user_[result_]);
    stream_.wait();
  }

 private:
  void take(const std::vector<dnnl::memory::desc>& layouts, int result) {
    result_ = result;
    for (int i = 0; i < 3; ++i) own_[i] = dnnl::memory(layouts[static_cast<std::size_t>(i)], engine_);
    copy_inputs();
    stream_.wait();
  }
  void copy_inputs() {
    for (int i = 0; i < 3; ++i)
      if (i != result_) copy(user_[i], own_[i]);
  }
  void copy(dnnl::memory& from, dnnl::memory& to) { dnnl::reorder(from, to).execute(stream_, from, to); }

  ConvPass pass_;
  bool plain_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  dnnl::primitive conv_;
  dnnl::memory user_[3], own_[3];
  int result_ = 0;
};

}  // namespace bench
#endif
#endif
