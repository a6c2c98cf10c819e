// Cells: the few words beside every storage that let each handle find out whether it may still be used.
//
// Storage never moves, so a handle can go wrong in four ways only: the storage is gone (generation), somebody is writing
// (exclusive borrow), it is another thread's (owner id), or a value saved earlier has changed (version).
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "tenon/base/error.hpp"
#include "tenon/base/unit.hpp"

namespace tenon::inline TENON_ABI::memory {

/// What TENON_CHECKS=2 remembers of a cell besides.
template <bool Kept> struct CellHistory {
  void note_borrow(Loc) {}
  static Loc borrowed() { return {}; }
};
template <> struct CellHistory<true> {
  void note_borrow(Loc at) { borrowed_ = at; }
  Loc borrowed() const { return borrowed_; }  ///< where the open borrow began, or the last one
  Loc borrowed_;
};
/// The base of SharedBytes (memory/shared.hpp): where the elements were made, for all their handles.
struct SharedBirth {
  Loc born;
};
/// The size class of bytes that other cells point to as well.
inline constexpr unsigned shared_class = 255;

/// Type-stable: cells are recycled, never unmapped, so a stale handle may always read its cell.
struct alignas(64) Cell : CellHistory<(checks > 1)> {
  std::atomic<std::uint64_t> generation{1};  ///< 64 bits never wrap, so a recycled cell cannot match an old handle
  std::atomic<std::uint64_t> state{0};       ///< low 32 bits: owner thread; above: 0, or which exclusive borrow is open
  /// Equal to the generation at first; grows with every write, and when the storage goes: one comparison tells both.
  std::atomic<std::uint64_t> version{1};
  std::uint32_t owners = 0;  ///< a tensor, and the expressions it moved into; 0: nobody has taken the cell again
  struct Traits {
    std::uint32_t born_line : 22;
    std::uint32_t is_frame : 1;
    std::uint32_t size_class : 8;  ///< of `bytes`, when the thread keeps them for the next storage of that class
    std::uint32_t learns : 1;      ///< the holder learns it: expressions that read it are recorded
  };
  Traits traits{};  ///< one word, written as a whole at birth
  union {
    const char* born_file = "";
    SharedBirth* shared;  ///< of the size class shared_class
  };
  union {
    void* bytes = nullptr;
    std::uint64_t ended;  ///< in the free list: the generation of the life that ended last
  };
  union {
    Cell* next = nullptr;   ///< in the free list
    std::uint64_t writers;  ///< in use: MutViews that share the exclusive borrow after split()
  };
  void* holder = nullptr;  ///< a frame's cell: the frame; a storage's: the frame that learns it or was lent it, or null

  void grow_version() noexcept {
    version.store(version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// Ends every handle, and begins another life.
  std::uint64_t renew() noexcept {
    grow_version();  // never behind the generation, so no number comes twice
    const std::uint64_t v = version.load(std::memory_order_relaxed);
    generation.store(v, std::memory_order_relaxed);
    return v;
  }
};

/// The open borrow's word in the state: bit 32 and above it a number, so that what a borrow left behind is not taken for
/// part of a later one. The number wraps after 2^31 writes.
static_assert(checks > 1 || sizeof(Cell) == 64);

inline constexpr std::uint64_t exclusive_bit = 1ull << 32;
inline std::uint64_t borrow_word(const Cell& c) {
  return c.version.load(std::memory_order_relaxed) << 33 | exclusive_bit;
}

// constinit: no wrapper call at each access and no initialisation order to get wrong.
constinit inline thread_local std::uint32_t this_thread_id = 0;
constinit inline std::atomic<std::uint32_t> next_thread_id{1};
/// Moved-from handles point here with generation 0: one comparison finds them, no null test.
constinit inline Cell dead_cell{};
constinit inline std::atomic<Cell*> orphan_cells{nullptr};
/// Owner of what is on its way from one thread to another: no thread.
inline constexpr std::uint32_t in_transit = ~std::uint32_t{0};

inline std::uint32_t thread_id() {
  if (this_thread_id == 0) [[unlikely]]
    this_thread_id = next_thread_id.fetch_add(1, std::memory_order_relaxed);
  return this_thread_id;
}

/// The last lives of a thread's cells, which TENON_CHECKS=2 keeps to say what a stale handle was of.
class EndedLives {
 public:
  struct Life {
    const Cell* cell;
    std::uint64_t generation;
    Loc born;
    bool is_frame;
  };
  static void add(const Cell& c) noexcept {
    lives_[next_++ % size] = {
        &c, c.generation.load(std::memory_order_relaxed), {c.born_file, c.traits.born_line}, c.traits.is_frame != 0};
  }
  /// Null when it is not among them.
  static const Life* find(const Cell& c, std::uint64_t generation) {
    for (const Life& life : lives_)
      if (life.cell == &c && life.generation == generation) return &life;
    return nullptr;
  }

 private:
  static constexpr unsigned size = checks > 1 ? 512 : 1;
  static constinit inline thread_local Life lives_[size] = {};
  static constinit inline thread_local unsigned next_ = 0;
};

/// Free cells: a list per thread, and one for the cells of threads that ended. Giving back never allocates.
class CellPool {
 public:
  /// For a storage, or for a frame, whose values may carry adjoints.
  static Cell* take(Loc born, bool is_frame = false) {
    if (free_ == nullptr) [[unlikely]]
      refill();
    Cell* c = free_;
    free_ = c->next;
    c->state.store(thread_id(), std::memory_order_relaxed);
    c->owners = 1;
    c->born_file = born.file;
    c->traits = {born.line & 0x3fffffu, is_frame, 0, is_frame};
    c->writers = 0;
    c->note_borrow({});
    c->bytes = nullptr;
    c->holder = nullptr;
    return c;
  }
  /// Kills every handle of c.
  static void give(Cell* c) noexcept {
    if constexpr (checks > 1) EndedLives::add(*c);
    c->ended = c->generation.load(std::memory_order_relaxed);
    c->renew();
    c->holder = nullptr;
    c->owners = 0;
    if (free_ == nullptr) [[unlikely]]
      watch_thread();
    c->next = free_;
    free_ = c;
  }

 private:
  struct Keeper {  // a thread that ends leaves its free cells to the next thread that runs out
    ~Keeper() {
      while (Cell* c = free_) {
        free_ = c->next;
        c->next = orphan_cells.load(std::memory_order_relaxed);
        while (!orphan_cells.compare_exchange_weak(c->next, c, std::memory_order_release, std::memory_order_relaxed)) {
        }
      }
    }
  };
  TENON_COLD static void watch_thread() noexcept {
    static thread_local Keeper keeper;
    (void)keeper;
  }
  TENON_COLD static void refill() {
    watch_thread();
    free_ = orphan_cells.exchange(nullptr, std::memory_order_acquire);
    if (free_ != nullptr) return;
    constexpr int count = 64;
    Cell* block = static_cast<Cell*>(::operator new (sizeof(Cell) * count, std::align_val_t{alignof(Cell)}));
    for (int i = count; i-- > 0;) {
      Cell* c = new (block + i) Cell;
      c->next = free_;
      free_ = c;
    }
  }
  static constinit inline thread_local Cell* free_ = nullptr;
};

/// What a handle remembers of its storage.
struct Stamp {
  Cell* cell = &dead_cell;
  std::uint64_t generation = 0;

  bool alive() const { return cell->generation.load(std::memory_order_relaxed) == generation; }
  /// What is to be found unchanged later; of a handle that is stale already, what no cell reaches.
  std::uint64_t version() const { return alive() ? cell->version.load(std::memory_order_relaxed) : ~std::uint64_t{0}; }
};
/// x, through a register of its own: compilers copy neighbours as one vector, which waits until the words it reads, just
/// written one by one, have left for the cache.
template <class X> TENON_ALWAYS_INLINE X single_word(X x) {
#if defined(__GNUC__)
  __asm__("" : "+r"(x));
#endif
  return x;
}
TENON_ALWAYS_INLINE Stamp word_by_word(const Stamp& s) { return {single_word(s.cell), single_word(s.generation)}; }

namespace detail {
/// " (opened at F:L)", or nothing.
inline std::string place(const char* words, Loc at) { return at.known() ? words + to_string(at) + ")" : std::string(); }
/// Where it was made, and at TENON_CHECKS=2 where it was last borrowed to write.
inline std::string born(const Cell& c) {
  const Loc at = c.traits.size_class == shared_class ? c.shared->born : Loc{c.born_file, c.traits.born_line};
  return place(" (made at ", at) + place(" (borrowed to write at ", c.borrowed());
}
/// Known as long as nobody has taken the cell again, at TENON_CHECKS=2 for longer. Another thread's cell is not looked at.
[[noreturn]] TENON_COLD inline void refuse_stale(const Stamp& s, const std::string& who, Loc at) {
  Cell& c = *s.cell;
  EndedLives::Life life{nullptr, 0, {}, false};
  if (static_cast<std::uint32_t>(c.state.load(std::memory_order_relaxed)) == thread_id()) {
    if (c.owners == 0 && c.ended == s.generation)
      life = {&c, 0, {c.born_file, c.traits.born_line}, c.traits.is_frame != 0};
    else if (const auto* found = checks > 1 ? EndedLives::find(c, s.generation) : nullptr) life = *found;
  }
  if (life.cell == nullptr)
    throw OwnershipError(at, who + "stale handle: its storage was freed or filled anew, or its frame has ended",
                         "clone() or promote() before the owner ends, or move the owner into the expression");
  if (life.is_frame)
    throw OwnershipError(at, who + "stale handle: its frame" + place(" (opened at ", life.born) + " has ended",
                         "clone() or promote() it before the frame ends");
  throw OwnershipError(at, who + "stale handle: its storage" + place(" (made at ", life.born) + " was freed",
                       "clone() it before its owner ends, or move the owner into the expression");
}
/// Says only what is atomic: the other thread may give the cell another life meanwhile.
[[noreturn]] TENON_COLD inline void refuse_thread(std::uint32_t owner, const std::string& who, Loc at) {
  if (owner == in_transit)
    throw OwnershipError(at, who + "used on a thread that does not own it: it was handed over to another thread",
                         "do not touch what spawn was given; get() gives back what the thread returns");
  throw OwnershipError(at,
                       who + "used on a thread that does not own it: it belongs to thread " + std::to_string(owner) +
                           ", this is thread " + std::to_string(thread_id()),
                       "hand it over by spawn(f, std::move(x)), or share it: freeze() it, and copy the Frozen on each "
                       "thread that reads it");
}
[[noreturn]] TENON_COLD inline void refuse(const Stamp& s, std::string_view op, Loc at, std::uint64_t held = 0) {
  const std::string who = "tenon::" + std::string(op) + ": ";
  const auto state = s.cell->state.load(std::memory_order_relaxed);
  if (s.cell == &dead_cell)
    throw OwnershipError(at, who + "used after it was moved from, or never made",
                         "do not touch a name after std::move, or clone() first");
  if (!s.alive()) refuse_stale(s, who, at);
  if (static_cast<std::uint32_t>(state) != thread_id()) refuse_thread(static_cast<std::uint32_t>(state), who, at);
  if (held != 0)
    throw OwnershipError(at, who + "the exclusive borrow that this MutView is part of has ended" + born(*s.cell),
                         "keep the MutView that mut() returned for as long as its parts");
  throw OwnershipError(at, who + "read or written while a MutView of it is open" + born(*s.cell),
                       "end the MutView first, or split() it into disjoint parts");
}
[[noreturn]] TENON_COLD inline void refuse_outdated(const Stamp& s, std::string_view op, Loc at) {
  throw OwnershipError(at,
                       "tenon::" + std::string(op) +
                           ": a tensor was modified between the expression that reads it and its evaluation" +
                           born(*s.cell),
                       "evaluate the expression first (eval(e), or Tensor t = e), or clone() the tensor");
}
[[noreturn]] TENON_COLD inline void refuse_version(const Stamp& s, std::string_view op, Loc at) {
  if (s.cell->state.load(std::memory_order_relaxed) != this_thread_id || !s.alive()) refuse(s, op, at);
  refuse_outdated(s, op, at);
}
}  // namespace detail

/// The check at the door of every operation, once an operand and launch. `held`: the borrow's word when the handle is
/// itself part of an exclusive borrow. Throws OwnershipError.
TENON_ALWAYS_INLINE void check(const Stamp& s, std::string_view op, Loc at = {}, std::uint64_t held = 0) {
  if constexpr (checks > 0) {
    if (s.cell->state.load(std::memory_order_relaxed) != (this_thread_id | held) || !s.alive()) [[unlikely]]
      detail::refuse(s, op, at, held);
  } else {
    (void)s, (void)op, (void)at, (void)held;
  }
}
/// check, and that nobody wrote since `version` was read off the stamp: both in two comparisons.
TENON_ALWAYS_INLINE void check(const Stamp& s, std::uint64_t version, std::string_view op, Loc at = {}) {
  if constexpr (checks > 0) {
    if (s.cell->state.load(std::memory_order_relaxed) != this_thread_id ||
        s.cell->version.load(std::memory_order_relaxed) != version) [[unlikely]]
      detail::refuse_version(s, op, at);
  } else {
    (void)s, (void)version, (void)op, (void)at;
  }
}

}  // namespace tenon::inline TENON_ABI::memory
