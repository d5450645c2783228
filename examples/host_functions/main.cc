// Functions of the program that a handler can call: typed ones, one for bytes, one that fails.
#include <algorithm>
#include <iostream>
#include <map>

#include <curfew/curfew.h>
#include <curfew/json.h>

struct Order {
    std::string item;
    int count = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, item, count)

int main() {
    auto proto = curfew::SandboxBuilder().build();
    if (!proto) return std::cerr << proto.error().message << '\n', 1;

    const std::map<std::string, double> prices{{"tea", 2.5}, {"cake", 4}};
    proto->host_module("shop")
        .add("price",
             [&prices](const Order& order) -> curfew::Result<double> {
                 const auto found = prices.find(order.item);
                 if (found == prices.end())
                     return std::unexpected(curfew::Error{.message = "no " + order.item + " here"});
                 return found->second * order.count;
             })
        .add("reverse",
             [](std::span<const std::byte> bytes) {
                 std::vector<std::byte> reversed(bytes.begin(), bytes.end());
                 std::ranges::reverse(reversed);
                 return reversed;
             })
        .add("who", [](const curfew::CallContext& call, std::optional<std::string> greeting) {
            return greeting.value_or("hello") + ", " + std::string(call.handler());
        });

    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    const auto added = sandbox->add_handler("orders", curfew::Script::from_content(R"(
        import * as shop from "shop";
        export function handler(event) {
            const seen = [shop.price({item: "tea", count: 3}), shop.who(), Array.from(shop.reverse(new Uint8Array([1, 2])))];
            for (const wrong of [{item: "gold", count: 1}, "tea"]) {
                try { shop.price(wrong); } catch (error) { seen.push(error.message); }
            }
            return seen;
        })"));
    if (!added) return std::cerr << added.error().message << '\n', 1;
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::cerr << loaded.error().message << '\n', 1;
    const auto done = loaded->handle_event("orders", "null");
    std::cout << (done ? done->result : done.error().message) << '\n';
}
