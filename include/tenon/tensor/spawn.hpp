// spawn: a function on a thread of its own, which takes over what it is given and shares nothing but Frozen.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <cstring>
#include <exception>

#include "tenon/simd/parallel.hpp"
#include "tenon/tensor/send.hpp"

namespace tenon::inline TENON_ABI {

namespace spawn_detail {
template <class R> struct Result { std::optional<R> value; };
template <> struct Result<void> {};

/// What the two threads have between them: each touches it only while the other does not run, or has not begun.
template <class R, class F, class... A> struct Task;
template <class R> struct TaskOf {
  virtual ~TaskOf() = default;
  [[no_unique_address]] Result<R> result;
  std::exception_ptr error;
  pthread_t thread{};
  pid_t process = 0;
};
template <class R, class F, class... A> struct Task final : TaskOf<R> {
  template <class... Given> Task(F g, Given&&... given) : f(std::move(g)), arguments(std::forward<Given>(given)...) {}
  F f;
  std::tuple<A...> arguments;

  static void* run(void* self) noexcept {
    simd::runs_alone = true;  // as many threads as are spawned: their loops start no more
    auto& t = *static_cast<Task*>(self);
    try {
      send::arrive(t.arguments);
      std::tuple<A...> own = std::move(t.arguments);  // ends on this thread, before it does
      if constexpr (std::is_void_v<R>) {
        std::apply(std::move(t.f), std::move(own));
      } else {
        t.result.value.emplace(std::apply(std::move(t.f), std::move(own)));
        const Path result{nullptr, "result"};
        try {
          send::check_leaving(*t.result.value, result, "spawn", Loc{});
        } catch (...) {
          t.result.value.reset();
          throw;
        }
        send::leave(*t.result.value);
      }
    } catch (...) {
      t.error = std::current_exception();
    }
    return nullptr;
  }
};

/// An argument on its way to the task: a copy is made now, for that may throw; what moves stays where it is.
template <class A>
using Ready = std::conditional_t<std::is_lvalue_reference_v<A>, std::decay_t<A>, std::remove_reference_t<A>&&>;
/// Steps, arenas: what does not even move.
template <class T> consteval bool moves() {
  if constexpr (!std::is_move_constructible_v<T>) send::refuse<T>();
  return std::is_move_constructible_v<T>;
}
template <class A> void check_leaving(A& x, Index number) {
  const Path argument{nullptr, "argument"};
  if constexpr (!std::is_const_v<A>) send::check_leaving(x, Path{&argument, {}, number}, "spawn", Loc{});
}
template <class A, class T> void give_back(T& own, A&& argument) {
  if constexpr (!std::is_lvalue_reference_v<A> && std::is_assignable_v<A, T>)
    std::forward<A>(argument) = std::move(own);
}
}  // namespace spawn_detail

/// A running function and, later, its result: what spawn() returns. Move-only. Its end waits for the thread, so no thread
/// is left behind; what f threw is lost then, so call get() or join().
template <class R> class [[nodiscard("tenon: a Thread that is not named is waited for at once")]] Thread {
 public:
  Thread(Thread && o) noexcept : task_(std::exchange(o.task_, nullptr)), done_(std::exchange(o.done_, false)) {}
  Thread& operator=(Thread&& o) noexcept {
    if (this != &o) {
      end();
      task_ = std::exchange(o.task_, nullptr);
      done_ = std::exchange(o.done_, false);
    }
    return *this;
  }
  ~Thread() { end(); }

  /// Waits until f has returned. Throws what f threw; OwnershipError after get(), or in the child of a fork, where
  /// the thread does not exist.
  void join(Loc at = Loc::current()) {
    if (task_ == nullptr)
      throw OwnershipError(at, "tenon::Thread: its result was fetched already, or it was moved from",
                           "call get() once, and keep what it returns");
    if (!wait())
      throw OwnershipError(at, "tenon::Thread: it was spawned before the fork, so it runs in the parent process only",
                           "spawn in the child what the child needs");
    if (task_->error) std::rethrow_exception(task_->error);
  }
  /// Waits, then gives what f returned; its owners are this thread's. Throws as join().
  R get(Loc at = Loc::current()) {
    join(at);
    if constexpr (std::is_void_v<R>) {
      drop();
    } else {
      R r = std::move(*task_->result.value);
      drop();
      send::arrive(r);
      return r;
    }
  }

 private:
  template <class F, class... A> friend auto spawn(F && f, A && ... arguments);
  explicit Thread(spawn_detail::TaskOf<R> * task) : task_(task) {}
  bool wait() noexcept {
    if (task_->process != getpid()) return false;
    if (!std::exchange(done_, true)) pthread_join(task_->thread, nullptr);
    return true;
  }
  void drop() noexcept {
    delete task_;
    task_ = nullptr;
  }
  void end() noexcept {  // in a forked child the task stays: its thread had it in hand when the process was copied
    if (task_ != nullptr && wait()) drop();
  }
  spawn_detail::TaskOf<R>* task_;
  bool done_ = false;
};

/// Runs f(arguments...) on a new thread; get() of what is returned gives the result.
///   auto worker = tn::spawn([](Net net, tn::Frozen<float, tn::dyn, 64> x) { ...; return net; }, std::move(net), x);
///   net = worker.get();
/// f captures nothing (a lambda without captures, or a plain function): what it works on is handed over. Arguments and
/// result may be Tensors and modules (moved), Frozen (copied or moved), numbers, Rng, strings, an idle Arena in a
/// std::unique_ptr, and structs and standard containers of those; anything else does not compile, and the error names
/// the type. What is moved belongs to the new thread: older views of it are refused on this one. A class that lists
/// its members itself is taken at its word: what it does not list is only checked when it is used.
///
/// Loops on the new thread use that thread only. It makes its own Arena, or is given one; tapes and generators are objects
/// as everywhere, there is nothing to set up. f may spawn. Cost: a system thread, about 20 microseconds.
/// Throws OwnershipError when an argument is borrowed or held by an open frame, std::bad_alloc, Error when the system
/// gives no thread: each time the arguments stay where they were.
template <class F, class... A> auto spawn(F&& f, A&&... arguments) {
  using Function = std::decay_t<F>;
  constexpr bool captureless =
      std::is_empty_v<Function> || std::is_function_v<std::remove_pointer_t<std::remove_cvref_t<F>>>;
  static_assert(captureless,
                "tenon::spawn: the function captures something, which two threads would share; pass it as an argument: "
                "spawn([](auto x) { ... }, std::move(x)), or a Frozen of it");
  constexpr bool movable = (spawn_detail::moves<std::decay_t<A>>() && ...);
  constexpr bool takeable = ((std::is_constructible_v<std::decay_t<A>, A> &&
                              (!std::is_lvalue_reference_v<A> || send::is_copyable<std::decay_t<A>>)) &&
                             ...);
  static_assert(takeable || !movable,
                "tenon::spawn: an argument that cannot be copied is handed over: write std::move(x)");
  if constexpr (captureless && takeable) {
    static_assert(std::is_invocable_v<Function, std::decay_t<A>...>,
                  "tenon::spawn: the function does not take these arguments; it gets them as its own, so take them by "
                  "value, by const& or by &&");
    if constexpr (std::is_invocable_v<Function, std::decay_t<A>...>) {
      using R = std::invoke_result_t<Function, std::decay_t<A>...>;
      static_assert(!std::is_reference_v<R>,
                    "tenon::spawn: the function returns a reference, which would outlive its "
                    "thread's objects; return the object");
      using Task = spawn_detail::Task<R, Function, std::decay_t<A>...>;
      std::tuple<spawn_detail::Ready<A>...> ready(std::forward<A>(arguments)...);
      auto* task = std::apply(
          [&](auto&... x) {
            Index number = 0;
            (spawn_detail::check_leaving(x, ++number), ...);
            return new Task(std::forward<F>(f), static_cast<spawn_detail::Ready<A>&&>(x)...);
          },
          ready);
      send::leave(task->arguments);
      task->process = getpid();
      if (const int error = pthread_create(&task->thread, nullptr, &Task::run, task); error != 0) {
        send::arrive(task->arguments);
        std::apply([&](auto&... own) { (spawn_detail::give_back<A>(own, std::forward<A>(arguments)), ...); },
                   task->arguments);
        delete task;
        throw Error(Loc{}, std::string("tenon::spawn: the system gives no thread: ") + std::strerror(error),
                    "get() the results of other threads first, or spawn fewer");
      }
      return Thread<R>(task);
    }
  }
}

}  // namespace tenon::inline TENON_ABI
