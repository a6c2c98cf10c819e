// More elements than an index counts.
// EXPECT: the number of elements overflows an Index
#include "tenon/shape/shape.hpp"

namespace tn = tenon;

constexpr tn::Index large = tn::Index{1} << 33;
#ifdef TENON_BAD
constexpr tn::Index n = tn::Shape<large, large>().size();
#else
constexpr tn::Index n = tn::Shape<large, 2, 0>().size();
#endif
