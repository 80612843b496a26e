#include "gemm.h"

extern "C" {
void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n,
            const int* k, const float* alpha, const float* a, const int* stride_a, const float* b,
            const int* stride_b, const float* beta, float* c, const int* stride_c);
void dgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n,
            const int* k, const double* alpha, const double* a, const int* stride_a,
            const double* b, const int* stride_b, const double* beta, double* c,
            const int* stride_c);
// Of MKL only; another BLAS does not have it.
__attribute__((weak)) int MKL_Set_Num_Threads_Local(int count);
}

namespace transformer {
namespace {

// The pool's threads are all that there are to be.
void use_one_thread() {
  thread_local const bool done = [] {
    if (MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(1);
    return true;
  }();
  (void)done;
}

void call(const char* ta, const char* tb, int m, int n, int k, const float* a, int sa,
          const float* b, int sb, float beta, float* c, int sc) {
  const float one = 1;
  sgemm_(ta, tb, &m, &n, &k, &one, a, &sa, b, &sb, &beta, c, &sc);
}

void call(const char* ta, const char* tb, int m, int n, int k, const double* a, int sa,
          const double* b, int sb, double beta, double* c, int sc) {
  const double one = 1;
  dgemm_(ta, tb, &m, &n, &k, &one, a, &sa, b, &sb, &beta, c, &sc);
}

// BLAS counts columns first: it sees each of our matrices transposed, and cᵀ = bᵀ · aᵀ.
template <class T>
void product(const char* transpose_a, const char* transpose_b, std::int64_t inner, Reading<T> a,
             Reading<T> b, Matrix<T> c, Into into) {
  if (c.rows == 0) return;
  use_one_thread();
  const auto beta = static_cast<T>(into == Into::add ? 1 : 0);
  call(transpose_b, transpose_a, static_cast<int>(c.columns), static_cast<int>(c.rows),
       static_cast<int>(inner), b.data, static_cast<int>(b.stride), a.data,
       static_cast<int>(a.stride), beta, c.data, static_cast<int>(c.stride));
}

}  // namespace

template <class T>
void multiply(Reading<T> a, Reading<T> b, Matrix<T> c, Into into) {
  product<T>("N", "N", a.columns, a, b, c, into);
}

template <class T>
void multiply_transposed(Reading<T> a, Reading<T> b, Matrix<T> c, Into into) {
  product<T>("N", "T", a.columns, a, b, c, into);
}

template <class T>
void transposed_multiply(Reading<T> a, Reading<T> b, Matrix<T> c) {
  product<T>("T", "N", a.rows, a, b, c, Into::overwrite);
}

#define INSTANTIATE(T)                                                           \
  template void multiply<T>(Reading<T>, Reading<T>, Matrix<T>, Into);            \
  template void multiply_transposed<T>(Reading<T>, Reading<T>, Matrix<T>, Into); \
  template void transposed_multiply<T>(Reading<T>, Reading<T>, Matrix<T>);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
