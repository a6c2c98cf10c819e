// Checkpoints: the weights of a module, or all that a training needs to go on, as one safetensors file.
#pragma once

#include <set>
#include <tuple>

#include "tenon/io/checkpoint_value.hpp"

namespace tenon::inline TENON_ABI::io {

struct LoadOptions {
  std::string_view prefix = {};  ///< "net.": only the tensors whose names begin so, named by the rest
};

namespace checkpoint_detail {
inline constexpr std::string_view format_key = "tenon.checkpoint", format_value = "1";

/// "net" and "hidden.weight" make "net.hidden.weight".
inline std::string joined(std::string_view name, const Path& path) {
  std::string s(name), rest = path.str();
  if (!s.empty() && !rest.empty()) s += '.';
  return s += rest;
}

/// Gathers what a file is to hold: references to the tensors, text for the rest.
struct Saver {
  using visits_generators = void;
  std::string_view name;
  bool refuse_gradients;
  Loc at;
  std::vector<SafeTensor> tensors = {};
  Metadata metadata = {};

  template <class T, Index... E> void operator()(const Path& path, const Parameter<T, E...>& p) {
    if (refuse_gradients && p.has_gradient())
      throw OwnershipError(at,
                           "tenon::io::Checkpoint: parameter '" + joined(name, path) +
                               "' has a gradient, which a checkpoint does not hold",
                           "save after update(), or call clear_gradients(net) first");
    (*this)(path, p.value());
  }
  template <class T, Index... E> void operator()(const Path& path, const Tensor<T, E...>& t) {
    memory::check(t.stamp(), "io::save", at);
    tensors.push_back(safe_tensor(joined(name, path), t));
  }
  void operator()(const Path& path, const Rng& rng) { add_state(joined(name, path), rng.state()); }

  template <class S> void add_state(const std::string& prefix, const S& state) {
    for_each_member(state,
                    [&](std::string_view member, const auto& x) { add_text(prefix + "." + std::string(member), x); });
  }
  template <class T> void add_text(const std::string& key, const T& x) {
    if (!metadata.try_emplace(key, text_of(x)).second)
      throw ValueError(at, "tenon::io::Checkpoint: '" + key + "' is given twice", "give each thing a name of its own");
  }
};

/// Looks up in a file all that is to be loaded, and checks it. Changes nothing.
struct Checker {
  using visits_generators = void;
  const SafeTensors& file;
  std::string prefix;  ///< of names in the file
  Loc at;
  std::vector<const SafeTensor*> found = {};  ///< in the order of the visit
  std::vector<Rng::State> generators = {};
  using Names = std::set<std::string, std::less<>>;
  Names taken = {}, taken_keys = {};  ///< of tensors, of metadata

  template <class T, Index... E> void operator()(const Path& path, Parameter<T, E...>& p) { add(path, p.value()); }
  template <class T, Index... E> void operator()(const Path& path, Tensor<T, E...>& t) { add(path, t); }
  void operator()(const Path& path, Rng&) { generators.push_back(state<Rng::State>(prefix + path.str())); }

  template <class T, Index... E> void add(const Path& path, const Tensor<T, E...>& t) {
    const std::string name = prefix + path.str();
    const SafeTensor& s = file.at(name);
    const auto extents = t.shape().extents();
    file.check_fits<T>(s, extents);
    memory::check(t.stamp(), "io::load", at);
    if (t.stamp().cell->holder != nullptr)
      throw OwnershipError(at,
                           "tenon::io::load: an open Step or Scope" + memory::opened(*t.stamp().cell) +
                               " learns or reads '" + name + "'",
                           "end the frame, then load");
    memory::ExclusiveBorrow::require_writable(t.stamp(), "io::load", at);
    take(taken, name);
    found.push_back(&s);
  }
  template <class S> S state(const std::string& name) {
    S s{};
    for_each_member(s, [&](std::string_view member, auto& x) { text(name + "." + std::string(member), x); });
    return s;
  }
  template <class T> void text(const std::string& key, T& x) {
    const auto entry = file.metadata().find(key);
    if (entry == file.metadata().end())
      throw file.wrong("there is no '" + key + "'", "give what the checkpoint was made of, by the same names");
    if (!parse_text(entry->second, x))
      throw file.wrong("'" + key + "' is " + safetensors_detail::quoted(entry->second) + ", which is no " +
                           std::string(kind_of<T>()),
                       "give what the checkpoint was made of, by the same names");
    take(taken_keys, key);
  }
  void take(Names& names, const std::string& name) const {
    if (!names.insert(name).second)
      throw ValueError(at, "tenon::io::load: '" + name + "' is asked for twice", "give each thing a name of its own");
  }
  /// Everything in the file that begins with `start` must have been asked for.
  void refuse_rest(std::string_view start, bool metadata_too) const {
    const auto check = [&](const Names& names, const std::string& name) {
      if (name.starts_with(start) && !names.contains(name))
        throw file.wrong("the program asks for no " + safetensors_detail::quoted(name),
                         "give what the file was made of, or name a part of it: {.prefix = \"net.\"}");
    };
    for (const auto& [name, tensor] : file.tensors()) check(taken, name);
    if (!metadata_too) return;
    for (const auto& [key, value] : file.metadata())
      if (!key.starts_with("tenon.")) check(taken_keys, key);
  }
};

/// Copies what a Checker found, in the same order. Cannot fail: nothing has happened since the check.
struct Committer {
  using visits_generators = void;
  const Checker& checked;
  std::size_t next_tensor = 0, next_generator = 0;

  template <class T, Index... E> void operator()(const Path& path, Parameter<T, E...>& p) {
    {
      auto w = p.mut(checked.at);
      copy(path, w.data(checked.at));
    }
    p.clear_gradient(checked.at);  // it is that of other weights
  }
  template <class T, Index... E> void operator()(const Path& path, Tensor<T, E...>& t) {
    auto w = t.mut(checked.at);
    copy(path, w.data(checked.at));
  }
  void operator()(const Path&, Rng& rng) { rng.set_state(checked.generators[next_generator++]); }
  template <class T> void copy(const Path&, T* to) { SafeTensors::copy(*checked.found[next_tensor++], to); }
};

/// Something to save or load, by name.
template <class T> struct Item {
  using Value = std::remove_const_t<T>;
  using Parsed = typename ParsedOf<Value>::type;  ///< what is kept of the text until all else is found right
  std::string name;
  T* thing;

  void save(Saver& to) const {
    to.name = name;
    if constexpr (is_text<Value>) to.add_text(name, *thing);
    else if constexpr (stateful<Value>) to.add_state(name, thing->state());
    if constexpr (has_tensors<Value>) for_each_state(*thing, to);
  }
  Parsed check(Checker& in) const {
    static_assert(!std::is_const_v<T>, "tenon::io::Checkpoint: what is const cannot be loaded");
    Parsed parsed{};
    if constexpr (is_text<Value>) in.text(name, parsed);
    else if constexpr (stateful<Value>) {
      parsed = in.template state<Parsed>(name);
      if constexpr (requires { thing->check_state(parsed); }) check_state(in, parsed);
    }
    if constexpr (has_tensors<Value>) {
      in.prefix = is_one_thing<Value> || name.empty() ? name : name + ".";
      for_each_state(*thing, in);
    }
    return parsed;
  }
  void commit(Committer& from, Parsed& parsed) const {
    if constexpr (is_text<Value>) *thing = std::move(parsed);
    else if constexpr (stateful<Value>) thing->set_state(parsed);
    if constexpr (has_tensors<Value>) for_each_state(*thing, from);
  }

 private:
  void check_state(const Checker& in, const Parsed& parsed) const {
    try {
      thing->check_state(parsed);
    } catch (const ValueError& error) {  // without its place, which is this one
      throw in.file.wrong("'" + name + "': " + std::string(error.problem()), error.fix());
    }
  }
};

template <class F> Result<Index> result_of(const F& f) {
  try {
    return f();
  } catch (FileError& error) {
    return std::move(error);
  }
}
}  // namespace checkpoint_detail

/// Made by checkpoint(); refers to the things it saves and loads, which must stay where they are meanwhile.
template <class... T> class [[nodiscard]] Checkpoint {
 public:
  explicit Checkpoint(checkpoint_detail::Item<T>... items) : items_(std::move(items)...) {}

  /// Writes everything to `path`, which holds its old content or all of the new, whatever happens meanwhile (see
  /// io::try_write_file). Gives the number of bytes; a FileError when the system refuses. Throws OwnershipError when a
  /// parameter has a gradient that no update has used, ValueError for a name that is given twice.
  Result<Index> try_save(const std::string& path, Loc at = Loc::current()) const {
    file_detail::Posix system;
    return save_by(system, path, at);
  }
  void save(const std::string& path, Loc at = Loc::current()) const { try_save(path, at).value(); }

  /// Loads everything from `path`, or changes nothing: FileError when the file is damaged, is of another program (a
  /// tensor is missing, of another shape or dtype, or one too many; the data are others). Gradients are empty
  /// afterwards. Gives the number of tensors. Throws OwnershipError when an open Step, Scope or MutView has hold of
  /// something.
  Result<Index> try_load(const std::string& path, Loc at = Loc::current()) const {
    return checkpoint_detail::result_of([&] { return load_now(path, at); });
  }
  void load(const std::string& path, Loc at = Loc::current()) const { load_now(path, at); }

  /// try_save through a system of the test's own.
  template <class System> Result<Index> save_by(System& system, const std::string& path, Loc at = {}) const {
    using namespace checkpoint_detail;
    Saver all{{}, true, at};
    all.metadata.try_emplace(std::string(format_key), format_value);
    std::apply([&](const auto&... item) { (item.save(all), ...); }, items_);
    return safetensors_detail::write(system, path, all.tensors, all.metadata, at);
  }

 private:
  Index load_now(const std::string& path, Loc at) const {
    using namespace checkpoint_detail;
    const SafeTensors file = read_safetensors(path);
    const auto format = file.metadata().find(format_key);
    if (format == file.metadata().end() || !file.has_checksum())
      throw file.wrong("this is no checkpoint of tenon's", "load weights alone by tenon::io::load(path, net)");
    if (format->second != format_value)
      throw file.wrong("the checkpoint has the format " + safetensors_detail::quoted(format->second),
                       "load it with the version of tenon that wrote it");
    Checker checked{file, {}, at};
    auto parsed = std::apply(  // braces: in the items' order
        [&](const auto&... item) { return std::tuple<typename Item<T>::Parsed...>{item.check(checked)...}; }, items_);
    checked.refuse_rest("", true);
    Committer commit{checked};
    [&]<std::size_t... I>(std::index_sequence<I...>) { (std::get<I>(items_).commit(commit, std::get<I>(parsed)), ...); }
    (std::index_sequence_for<T...>{});
    return static_cast<Index>(checked.found.size());
  }

  std::tuple<checkpoint_detail::Item<T>...> items_;
};

namespace checkpoint_detail {
template <class... A, std::size_t... I> auto make(std::tuple<A&...> all, std::index_sequence<I...>) {
  return Checkpoint<std::tuple_element_t<2 * I + 1, std::tuple<A...>>...>(
      Item<std::tuple_element_t<2 * I + 1, std::tuple<A...>>>{std::string(std::get<2 * I>(all)),
                                                              &std::get<2 * I + 1>(all)}...);
}
}  // namespace checkpoint_detail

/// All that a training needs to go on, each thing after its name:
///   auto run = tn::io::checkpoint("net", net, "adam", adam, "batches", batches, "rng", rng, "epoch", epoch);
///   if (resume) run.load("run.safetensors");      // ... after each epoch: run.save("run.safetensors");
/// A resumed run computes the very bits of one that never stopped. Things are modules, tensors, optimisers (their state
/// and learning rate), generators, batches (the position in the data), numbers and strings, and classes with state()
/// and set_state(s), s a plain struct of numbers; check_state(s) may throw ValueError to refuse one, set_state may not
/// throw. All are borrowed: temporaries do not compile.
template <class... A> auto checkpoint(A&&... names_and_things) {
  static_assert(sizeof...(A) % 2 == 0, "tenon::io::checkpoint: give a name before each thing");
  static_assert((checkpoint_detail::name_or_lvalue<A&&> && ...),
                "tenon::io::checkpoint: a thing is a temporary, so nobody could load it; give it a name first");
  return checkpoint_detail::make(std::tuple<std::remove_reference_t<A>&...>(names_and_things...),
                                 std::make_index_sequence<sizeof...(A) / 2>{});
}

/// Writes the parameters and tensors of a module as a safetensors file, named as for_each_state names them
/// ("hidden.weight"): for other programs, or load(). Errors as Checkpoint::try_save; gradients do not matter.
template <class M> Result<Index> try_save(const std::string& path, const M& module, Loc at = Loc::current()) {
  checkpoint_detail::Saver all{{}, false, at};
  for_each_state(module, [&](const Path& name, auto& x) { all(name, x); });  // without generators
  return try_write_safetensors(path, std::move(all.tensors), all.metadata, at);
}
template <class M> void save(const std::string& path, const M& module, Loc at = Loc::current()) {
  try_save(path, module, at).value();
}
/// Loads what a safetensors file of any program holds into a module's parameters and tensors: all of them, or none and
/// an error, as Checkpoint::try_load. `load(path, net, {.prefix = "net."})` takes the weights out of a checkpoint.
template <class M>
Result<Index> try_load(const std::string& path, M& module, LoadOptions options = {}, Loc at = Loc::current()) {
  return checkpoint_detail::result_of([&] {
    const SafeTensors file = read_safetensors(path);
    checkpoint_detail::Checker checked{file, std::string(options.prefix), at};
    for_each_state(module, [&](const Path& name, auto& x) { checked(name, x); });
    checked.refuse_rest(options.prefix, false);
    checkpoint_detail::Committer commit{checked};
    for_each_state(module, [&](const Path& name, auto& x) { commit(name, x); });
    return static_cast<Index>(checked.found.size());
  });
}
template <class M> void load(const std::string& path, M& module, LoadOptions options = {}, Loc at = Loc::current()) {
  try_load(path, module, options, at).value();
}

}  // namespace tenon::inline TENON_ABI::io
