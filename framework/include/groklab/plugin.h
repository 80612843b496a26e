#pragma once

#include <groklab/abi.h>
#include <groklab/params.h>

#include <memory>
#include <type_traits>

namespace groklab {

// What every plugin is. The kinds (Operation, Model, Loss, Optimizer, Regularizer, Probe, Backend)
// derive from it. Libraries are never unloaded, so a plugin's code outlives every object it made.
class Plugin {
 public:
  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin();
};

// What a library exports under the name `groklab_plugin`.
struct Descriptor {
  const char* kind;     // "operation", "model", …
  const char* name;     // as in YAML; also the name of the file and of its folder
  const char* summary;  // one line; empty: an operation's formula says enough
  const char* source;   // where it is from: "Chen et al. 2023, arXiv:2302.06675"; may be empty
  const char* formula;  // "θ ← θ − η sign(m)"; may be empty; an operation's is its formula()
  Schema (*schema)();
  std::unique_ptr<Plugin> (*create)(const Params& params);
};

namespace detail {

template <class Class>
Schema schema_of() {
  if constexpr (requires { Class::schema(); }) {
    return Class::schema();
  } else {
    return {};
  }
}

template <class Class>
std::unique_ptr<Plugin> create(const Params& params) {
  if constexpr (std::is_constructible_v<Class, const Params&>) {
    return std::make_unique<Class>(params);
  } else {
    return std::make_unique<Class>();
  }
}

template <class Kind, class Class>
constexpr Descriptor describe(const char* name, const char* summary = "", const char* source = "",
                              const char* formula = "") {
  static_assert(std::is_base_of_v<Kind, Class>, "the class does not implement the kind");
  return {Kind::kKind, name, summary, source, formula, &schema_of<Class>, &create<Class>};
}

}  // namespace detail
}  // namespace groklab

#define GROKLAB_EXPORT __attribute__((visibility("default")))

// The last line of a plugin: GROKLAB_PLUGIN(groklab::Loss, Hinge, "hinge", "one-line summary"), to
// which source and formula may be added.
// The class may have `static Schema schema()` and a constructor from `const Params&`.
// `groklab_plugin` is what BOOST_DLL_ALIAS would make (a pointer to the object, found by
// boost::dll's get_alias), written out here so that authors need no Boost headers.
#define GROKLAB_PLUGIN(Kind, Class, ...)                     \
  static const ::groklab::Descriptor groklab_descriptor =    \
      ::groklab::detail::describe<Kind, Class>(__VA_ARGS__); \
  extern "C" {                                               \
  extern GROKLAB_EXPORT const void* groklab_plugin;          \
  const void* groklab_plugin = &groklab_descriptor;          \
  extern GROKLAB_EXPORT const char GROKLAB_ABI_SYMBOL;       \
  const char GROKLAB_ABI_SYMBOL = 0;                         \
  }
