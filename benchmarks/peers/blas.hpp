// Matrix products of libraries that all export the same names: each is opened on its own while the program runs.
#pragma once

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// c = op(a) op(b), all row-major without gaps: c is m by n, op(a) m by k, op(b) k by n. `a_transposed` says that a is
/// stored as k by m, `b_transposed` that b is stored as n by k.
struct Product {
  int m, n, k;
  bool a_transposed = false, b_transposed = false;
  double flops() const { return 2.0 * m * n * k; }
  double elements() const { return 1.0 * m * k + 1.0 * k * n + 1.0 * m * n; }
};

/// The single-precision product of one library.
class Blas {
 public:
  /// An object that is false when the library or its function is not there.
  static Blas open(std::string name, const char* path, const char* function) {
    Blas blas(std::move(name));
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void* address = library ? dlsym(library, function) : nullptr;
    if (std::string(function) == "dnnl_sgemm") blas.dnnl_ = reinterpret_cast<Dnnl*>(address);
    else blas.fortran_ = reinterpret_cast<Fortran*>(address);
    if (library) blas.kernel_ = chosen_kernel(library);
    return blas;
  }
  explicit operator bool() const { return fortran_ || dnnl_; }
  const std::string& name() const { return name_; }
  /// The processor the library took this one for; empty when it does not say.
  const std::string& kernel() const { return kernel_; }
  /// For the report: the kernel is ours, the library by itself took `overruled`.
  void note_choice(const std::string& overruled) {
    kernel_ += " (told so; by itself it fell back to " + overruled + ")";
  }

  void operator()(const Product& p, const float* a, const float* b, float* c) const {
    const char ta = p.a_transposed ? 'T' : 'N', tb = p.b_transposed ? 'T' : 'N';
    const int lda = p.a_transposed ? p.m : p.k, ldb = p.b_transposed ? p.k : p.n;
    if (dnnl_) {
      dnnl_(ta, tb, p.m, p.n, p.k, 1.0f, a, lda, b, ldb, 0.0f, c, p.n);
      return;
    }
    // Column-major libraries see each matrix transposed, and c' = b' a'.
    const float one = 1, zero = 0;
    fortran_(&tb, &ta, &p.n, &p.m, &p.k, &one, b, &ldb, a, &lda, &zero, c, &p.n);
  }

 private:
  using Fortran = void(const char*, const char*, const int*, const int*, const int*, const float*, const float*,
                       const int*, const float*, const int*, const float*, float*, const int*);
  using Dnnl = int(char, char, long, long, long, float, const float*, long, const float*, long, float, float*, long);

  explicit Blas(std::string name) : name_(std::move(name)) {}

  static std::string chosen_kernel(void* library) {
    using Name = const char*();
    using Id = int();
    using NameOfId = const char*(int);
    if (auto* name = reinterpret_cast<Name*>(dlsym(library, "openblas_get_corename"))) return name();
    auto* id = reinterpret_cast<Id*>(dlsym(library, "bli_arch_query_id"));
    auto* name = reinterpret_cast<NameOfId*>(dlsym(library, "bli_arch_string"));
    return id && name ? name(id()) : "";
  }

  std::string name_, kernel_;
  Fortran* fortran_ = nullptr;
  Dnnl* dnnl_ = nullptr;
};

/// What the OpenBLAS at `path` takes this processor for. It decides while it is loaded, so a child process asks.
inline std::string openblas_kernel(const char* path) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const std::string name = Blas::open("OpenBLAS", path, "sgemm_").kernel();
    const auto written = write(ends[1], name.data(), name.size());
    _exit(written == static_cast<ssize_t>(name.size()) ? 0 : 1);
  }
  close(ends[1]);
  char name[64] = {};
  const ssize_t size = read(ends[0], name, sizeof name - 1);
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return size > 0 ? name : "";
}

/// An OpenBLAS older than the processor falls back to kernels of 2004 (SSE3), five times too slow: no peer at all.
/// Where it does, names the best kernel it has, through the variable it reads when loaded; one that is set already
/// stays. Returns what it chose by itself when that was overruled, else nothing.
inline std::string correct_openblas([[maybe_unused]] const char* path) {
#if defined(__AVX2__)
  if (std::getenv("OPENBLAS_CORETYPE")) return {};
  const std::string chosen = openblas_kernel(path);
  for (const char* fallback : {"Prescott", "Core2", "Penryn", "Nehalem", "Generic", "Unknown"}) {
    if (chosen != fallback) continue;
#if defined(__AVX512F__)
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
#else
    setenv("OPENBLAS_CORETYPE", "Haswell", 1);
#endif
    return chosen;
  }
#endif
  return {};
}

/// Those of OpenBLAS, BLIS and oneDNN that the build found, opened at the first call: after the environment is set.
inline const std::vector<Blas>& blas_libraries() {
  static const std::vector<Blas> all = [] {
    std::vector<Blas> opened;
#if defined(TENON_BENCH_OPENBLAS)
    const std::string overruled = correct_openblas(TENON_BENCH_OPENBLAS);
    opened.push_back(Blas::open("OpenBLAS", TENON_BENCH_OPENBLAS, "sgemm_"));
    if (!overruled.empty()) opened.back().note_choice(overruled);
#endif
#if defined(TENON_BENCH_BLIS)
    opened.push_back(Blas::open("BLIS", TENON_BENCH_BLIS, "sgemm_"));
#endif
#if defined(TENON_BENCH_ONEDNN)
    opened.push_back(Blas::open("oneDNN", TENON_BENCH_ONEDNN, "dnnl_sgemm"));
#endif
    std::erase_if(opened, [](const Blas& blas) { return !blas; });
    return opened;
  }();
  return all;
}

}  // namespace bench
