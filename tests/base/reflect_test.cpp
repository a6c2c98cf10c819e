#include "tenon/base/reflect.hpp"

#include <memory>
#include <optional>
#include <tuple>
#include <variant>

#include "tests/catch.hpp"

using namespace tenon;
using reflect_detail::Fault;
using reflect_detail::fault_v;

namespace {
template <class T> std::string names_of(T& object) {
  std::string s;
  for_each_member(object, [&](std::string_view name, auto&) { (s += name) += ' '; });
  return s;
}

struct Empty {};
struct NoDefault {
  explicit NoDefault(int x) : value(x) {}
  int value;
};
struct ImplicitOnly {
  ImplicitOnly(int x) : value(x) {}
  int value;
};
struct Pinned {
  Pinned() = default;
  Pinned(const Pinned&) = delete;
  int value = 3;
};
template <class A, int N> struct Layer {
  A weight{};
  std::array<int, 2> bias_{N, N};
};
struct Net {
  Layer<float, 3> hidden;
  Layer<std::array<Layer<double, 1>, 2>, 4> output_2;
  std::vector<Layer<float, 1>> blocks;
  std::string label = "net";
  bool on = true;
};
struct Hatch {
  explicit Hatch(int g) : gain(g) {}
  void members(auto&& visit) {
    visit("gain", gain);
    visit("bias", bias);
  }

 private:
  int gain;
  float bias = 2;
};
struct Sixty4 {
  int m00, m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12, m13, m14, m15;
  int m16, m17, m18, m19, m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31;
  int m32, m33, m34, m35, m36, m37, m38, m39, m40, m41, m42, m43, m44, m45, m46, m47;
  int m48, m49, m50, m51, m52, m53, m54, m55, m56, m57, m58, m59, m60, m61, m62, m63;
};
/// Bind<N> hands over N different members in order.
template <std::size_t N> bool binds_in_order() {
  std::array<int, N> numbers{};
  for (std::size_t i = 0; i < N; ++i) numbers[i] = static_cast<int>(i);
  return reflect_detail::Bind<N>::apply(numbers, [](auto&... m) {
    int i = 0;
    return sizeof...(m) == N && ((m == i++) && ...);
  });
}
}  // namespace

TEST_CASE("reflect: every number of members from 1 to 64 is bound in order", "[base][reflect]") {
  const bool bound = []<std::size_t... I>(std::index_sequence<I...>) { return (binds_in_order<I + 1>() && ...); }
  (std::make_index_sequence<64>{});
  CHECK(bound);
}

TEST_CASE("reflect: members are counted, named and reached in order of declaration", "[base][reflect]") {
  Net net;
  static_assert(member_count<Net> == 5 && member_count<Layer<float, 3>> == 2 && member_count<Empty> == 0);
  static_assert(member_name<Net, 1> == "output_2");
  CHECK(names_of(net) == "hidden output_2 blocks label on ");
  CHECK(names_of(net.output_2) == "weight bias_ ");
  Empty empty;
  CHECK(names_of(empty) == "");

  const void* addresses[] = {&net.hidden, &net.output_2, &net.blocks, &net.label, &net.on};
  std::size_t i = 0;
  for_each_member(net, [&](std::string_view, auto& m) { CHECK(static_cast<const void*>(&m) == addresses[i++]); });
  CHECK(i == 5);
  with_members(net, [](auto&... m) { std::get<3>(std::tie(m...)) = "changed"; });
  CHECK(net.label == "changed");
}

TEST_CASE("reflect: 64 members", "[base][reflect]") {
  Sixty4 s{};
  static_assert(member_count<Sixty4> == 64);
  int i = 0;
  for_each_member(s, [&](std::string_view name, int& m) {
    CHECK(name == (i < 10 ? "m0" : "m") + std::to_string(i));
    m = i++;
  });
  CHECK(s.m63 == 63);
  CHECK(s.m17 == 17);
}

TEST_CASE("reflect: members of a const object are const", "[base][reflect]") {
  const Net net;
  for_each_member(
      net, [](std::string_view, auto& m) { static_assert(std::is_const_v<std::remove_reference_t<decltype(m)>>); });
  const Hatch hatch(7);
  int seen = 0;
  for_each_member(hatch, [&](std::string_view, auto& m) {
    static_assert(std::is_const_v<std::remove_reference_t<decltype(m)>>);
    seen += static_cast<int>(m);
  });
  CHECK(seen == 9);
}

TEST_CASE("reflect: members without default constructor, moves or copies", "[base][reflect]") {
  struct Awkward {
    ImplicitOnly a;
    NoDefault b;
    std::unique_ptr<int> c;
    Pinned d;
    const int e = 5;
  };
  Awkward object{1, NoDefault(2), std::make_unique<int>(4), {}};
  CHECK(names_of(object) == "a b c d e ");
  int sum = 0;
  with_members(object,
               [&](auto& a, auto& b, auto& c, auto& d, auto& e) { sum = a.value + b.value + *c + d.value + e; });
  CHECK(sum == 1 + 2 + 4 + 3 + 5);

  struct Templates {
    std::optional<int> a;
    std::variant<int, std::string> b;
    std::array<std::optional<float>, 3> c;
    void (*d)(int);
    Net Net::*e;
    std::string_view f;
  };
  static_assert(member_count<Templates> == 6);
  Templates t{};
  CHECK(names_of(t) == "a b c d e f ");
}

TEST_CASE("reflect: a class may list its members itself", "[base][reflect]") {
  Hatch hatch(7);
  static_assert(lists_members<Hatch> && !lists_members<Net>);
  CHECK(names_of(hatch) == "gain bias ");
  for_each_member(hatch, [](std::string_view name, auto& m) {
    if (name == "bias") m = 5;
  });
  float bias = 0;
  for_each_member(hatch, [&](std::string_view name, auto& m) {
    if (name == "bias") bias = static_cast<float>(m);
  });
  CHECK(bias == 5);
}

namespace faults {
int somewhere = 0;
struct Base {
  int x;
};
struct Derived : Base {
  int y;
};
struct EmptyDerived : Empty {
  int y;
  ImplicitOnly z;
};
struct OnlyBase : Empty {};
struct Constructed {
  Constructed(int x) : a(x) {}
  int a;
};
struct Private {
  int get() const { return a; }

 private:
  int a = 0;
};
struct Virtual {
  virtual ~Virtual() = default;
  int a;
};
union Union {
  int a;
};
struct Reference {
  int& r;
  int b;
};
struct ConstReference {
  const int& r;
  int b;
};
struct RvalueReference {
  int a;
  int&& r;
};
struct DefaultReference {
  int a = 1;
  int& r = somewhere;
};
struct Array {
  int a[3];
  int b;
};
struct ArrayOfOne {
  int a;
  int b[1];
};
struct ArrayOfStructs {
  Base b[2];
  int c[4][5];
};
struct ArrayBetween {
  ImplicitOnly a;
  std::string s[3];
  ImplicitOnly b;
};
struct LongArray {
  char text[1000];
};
struct SixtyFive {
  int a;
  Sixty4 unused;
  int m00, m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12, m13, m14, m15;
  int m16, m17, m18, m19, m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31;
  int m32, m33, m34, m35, m36, m37, m38, m39, m40, m41, m42, m43, m44, m45, m46, m47;
  int m48, m49, m50, m51, m52, m53, m54, m55, m56, m57, m58, m59, m60, m61, m62;
};
}  // namespace faults

TEST_CASE("reflect: what is not understood is refused for the right reason", "[base][reflect]") {
  using namespace faults;
  static_assert(fault_v<Net> == Fault::none && fault_v<Empty> == Fault::none && fault_v<Sixty4> == Fault::none);
  static_assert(fault_v<Derived> == Fault::base && fault_v<EmptyDerived> == Fault::base &&
                fault_v<OnlyBase> == Fault::base);
  static_assert(fault_v<Constructed> == Fault::not_plain && fault_v<Private> == Fault::not_plain &&
                fault_v<Virtual> == Fault::not_plain && fault_v<Union> == Fault::not_plain &&
                fault_v<int> == Fault::not_plain && fault_v<int[2]> == Fault::not_plain);
  static_assert(fault_v<Reference> == Fault::reference && fault_v<ConstReference> == Fault::reference &&
                fault_v<RvalueReference> == Fault::reference && fault_v<DefaultReference> == Fault::reference);
  static_assert(fault_v<Array> == Fault::array && fault_v<ArrayOfOne> == Fault::array &&
                fault_v<ArrayOfStructs> == Fault::array && fault_v<ArrayBetween> == Fault::array);
  static_assert(fault_v<LongArray> == Fault::too_many && fault_v<SixtyFive> == Fault::too_many);
  SUCCEED();
}

TEST_CASE("reflect: kinds of members", "[base][reflect]") {
  enum class Mode { a };
  static_assert(is_plain_member_v<int> && is_plain_member_v<const double> && is_plain_member_v<bool> &&
                is_plain_member_v<bfloat16> && is_plain_member_v<Mode> && is_plain_member_v<std::string> &&
                is_plain_member_v<const std::string_view> && is_plain_member_v<const char*>);
  static_assert(!is_plain_member_v<char[4]> && !is_plain_member_v<Net> && !is_plain_member_v<int*> &&
                !is_plain_member_v<std::vector<int>>);
  static_assert(is_sequence_v<std::vector<Net>> && is_sequence_v<const std::array<Net, 3>> &&
                !is_sequence_v<std::string> && !is_sequence_v<Net> && !is_sequence_v<Net[2]>);
  SUCCEED();
}
