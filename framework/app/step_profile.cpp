#include "app/step_profile.h"

namespace groklab {

double StepProfile::milliseconds() const {
  return 1e3 * total.seconds / static_cast<double>(steps);
}

double StepProfile::milliseconds_of(Work work) const {
  return milliseconds() * total.share_of(work);
}

double StepProfile::multiply_adds() const {
  return static_cast<double>(total.multiply_adds) / static_cast<double>(steps);
}

double StepProfile::gflops() const { return 2e-6 * multiply_adds() / milliseconds(); }

double StepProfile::products_gflops() const {
  const auto time = milliseconds_of(Work::products);
  return time > 0 ? 2e-6 * multiply_adds() / time : 0;
}

nlohmann::ordered_json to_json(const StepProfile& profile, double gemm_gflops) {
  nlohmann::ordered_json milliseconds, shares;
  for (const auto work : kAllWork) {
    milliseconds[name_of(work)] = profile.milliseconds_of(work);
    shares[name_of(work)] = profile.total.share_of(work);
  }
  return {{"steps", profile.steps},
          {"ms_per_step", profile.milliseconds()},
          {"ms", milliseconds},
          {"shares", shares},
          {"multiply_adds", profile.multiply_adds()},
          {"products_gflops", profile.products_gflops()},
          {"products_of_gemm", profile.products_gflops() / gemm_gflops},
          {"gflops", profile.gflops()},
          {"of_gemm", profile.gflops() / gemm_gflops}};
}

}  // namespace groklab
