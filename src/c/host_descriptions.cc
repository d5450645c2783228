// What is said of host functions, and what stands in front of them.
#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

curfew_error* curfew_proto_set_front(curfew_proto* proto, const char* module, const char* source, size_t length) {
    if (proto == nullptr) return missing("the proto");
    if (module == nullptr) return missing("the module's name");
    if (is_missing(source, length)) return missing("the module's source");
    return guarded([&]() -> curfew_error* {
        proto->proto.host_module(module).set_front(std::string(text_of(source, length)));
        return nullptr;
    });
}

curfew_error* curfew_proto_describe_function(curfew_proto* proto, const char* module, const char* name,
                                             const curfew_description* description) {
    if (proto == nullptr) return missing("the proto");
    if (module == nullptr) return missing("the module's name");
    if (name == nullptr) return missing("the function's name");
    if (description == nullptr) return missing("the description");
    return guarded([&]() -> curfew_error* {
        const curfew_description known = taken(description);
        const auto text = [](const char* given) { return std::string(given != nullptr ? given : ""); };
        HostDescription said{.comment = text(known.comment),
                             .input_schema = text(known.input_schema),
                             .output_schema = text(known.output_schema),
                             .signature = text(known.signature)};
        for (auto at = known.parameters; at != nullptr && *at != nullptr; ++at) said.parameters.emplace_back(*at);
        proto->proto.host_module(module).describe(name, std::move(said));
        return nullptr;
    });
}

curfew_error* curfew_proto_describe(const curfew_proto* proto, curfew_text** out) {
    if (out == nullptr) return missing("the place for the description");
    *out = nullptr;
    if (proto == nullptr) return missing("the proto");
    return guarded([&] { return hand_over_text(proto->proto.describe(), out); });
}
