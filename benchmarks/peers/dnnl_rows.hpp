// oneDNN's softmax and layer norm over the rows of a matrix, through its C interface (version 2), opened while running.
#pragma once

#if defined(TENON_BENCH_ONEDNN) && __has_include(<dnnl.h>)
#include <dnnl.h>
#endif
#if defined(DNNL_VERSION_MAJOR) && DNNL_VERSION_MAJOR == 2
#include <dlfcn.h>

#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#define TENON_BENCH_DNNL_ROWS 1

namespace bench {

/// One primitive with its arguments; run() executes it. All of it lives as long as the program.
class DnnlRows {
 public:
  DnnlRows(int rows, int columns) {
    const dnnl_dims_t shape = {rows, columns}, two = {2, columns}, line = {rows};
    const auto f32 = dnnl_f32;
    call("dnnl_memory_desc_init_by_tag", &dnnl_memory_desc_init_by_tag, &matrix_, 2, shape, f32, dnnl_ab);
    call("dnnl_memory_desc_init_by_tag", &dnnl_memory_desc_init_by_tag, &scale_shift_, 2, two, f32, dnnl_ab);
    call("dnnl_memory_desc_init_by_tag", &dnnl_memory_desc_init_by_tag, &moments_, 1, line, f32, dnnl_a);
    call("dnnl_engine_create", &dnnl_engine_create, &engine_, dnnl_cpu, std::size_t{0});
    call("dnnl_stream_create", &dnnl_stream_create, &stream_, engine_, dnnl_stream_default_flags);
  }
  void softmax(const float* x, float* y) {
    dnnl_softmax_desc_t d;
    call("dnnl_softmax_forward_desc_init", &dnnl_softmax_forward_desc_init, &d, dnnl_forward_training, &matrix_, 1);
    create(&d, nullptr);
    give({{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}}, matrix_);
  }
  void softmax_backward(const float* y, const float* dy, float* dx) {
    dnnl_softmax_desc_t forward, d;
    call("dnnl_softmax_forward_desc_init", &dnnl_softmax_forward_desc_init, &forward, dnnl_forward_training, &matrix_,
         1);
    create(&forward, nullptr);
    call("dnnl_softmax_backward_desc_init", &dnnl_softmax_backward_desc_init, &d, &matrix_, &matrix_, 1);
    create(&d, description_);
    give({{DNNL_ARG_DST, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}}, matrix_);
  }
  /// scale_shift: the weight, then the bias.
  void layer_norm(const float* x, const float* scale_shift, float* y, float* mean, float* variance) {
    create_norm();
    give({{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}}, matrix_);
    give({{DNNL_ARG_SCALE_SHIFT, scale_shift}}, scale_shift_);
    give({{DNNL_ARG_MEAN, mean}, {DNNL_ARG_VARIANCE, variance}}, moments_);
  }
  void layer_norm_backward(const float* x, const float* dy, const float* scale_shift, const float* mean,
                           const float* variance, float* dx, float* d_scale_shift) {
    create_norm();
    dnnl_layer_normalization_desc_t d;
    call("dnnl_layer_normalization_backward_desc_init", &dnnl_layer_normalization_backward_desc_init, &d, dnnl_backward,
         &matrix_, &matrix_, &moments_, 1e-5f, unsigned{dnnl_use_scaleshift});
    create(&d, description_);
    give({{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}}, matrix_);
    give({{DNNL_ARG_SCALE_SHIFT, scale_shift}, {DNNL_ARG_DIFF_SCALE_SHIFT, d_scale_shift}}, scale_shift_);
    give({{DNNL_ARG_MEAN, mean}, {DNNL_ARG_VARIANCE, variance}}, moments_);
  }
  void run() const {
    static const auto execute = find("dnnl_primitive_execute", &dnnl_primitive_execute);
    static const auto wait = find("dnnl_stream_wait", &dnnl_stream_wait);
    execute(primitive_, stream_, static_cast<int>(arguments_.size()), arguments_.data());
    wait(stream_);
  }

 private:
  template <class F> static F find(const char* name, F) {
    static void* const library = dlopen(TENON_BENCH_ONEDNN, RTLD_NOW | RTLD_LOCAL);
    return library ? reinterpret_cast<F>(dlsym(library, name)) : nullptr;
  }
  template <class F, class... A> static void call(const char* name, F type, A... a) {
    const F f = find(name, type);
    if (f == nullptr || f(a...) != dnnl_success) throw std::runtime_error(name);
  }
  void create(const_dnnl_op_desc_t d, const_dnnl_primitive_desc_t hint) {
    dnnl_primitive_desc_t made = nullptr;
    call("dnnl_primitive_desc_create", &dnnl_primitive_desc_create, &made, d, nullptr, engine_, hint);
    description_ = made;
    call("dnnl_primitive_create", &dnnl_primitive_create, &primitive_, description_);
  }
  void create_norm() {
    dnnl_layer_normalization_desc_t d;
    call("dnnl_layer_normalization_forward_desc_init", &dnnl_layer_normalization_forward_desc_init, &d,
         dnnl_forward_training, &matrix_, &moments_, 1e-5f, unsigned{dnnl_use_scaleshift});
    create(&d, nullptr);
  }
  void give(std::initializer_list<std::pair<int, const float*>> data, const dnnl_memory_desc_t& description) {
    for (const auto& [argument, p] : data) {
      dnnl_memory_t memory = nullptr;
      call("dnnl_memory_create", &dnnl_memory_create, &memory, &description, engine_,
           static_cast<void*>(const_cast<float*>(p)));
      arguments_.push_back({argument, memory});
    }
  }

  dnnl_engine_t engine_ = nullptr;
  dnnl_stream_t stream_ = nullptr;
  dnnl_memory_desc_t matrix_, scale_shift_, moments_;
  dnnl_primitive_desc_t description_ = nullptr;
  dnnl_primitive_t primitive_ = nullptr;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace bench
#endif
