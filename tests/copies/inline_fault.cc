// What the public headers must not have, to show that symbols.sh finds it.
namespace curfew {

template <typename T>
inline constexpr T kTable{};

}  // namespace curfew

const void* address() { return &curfew::kTable<int>; }
