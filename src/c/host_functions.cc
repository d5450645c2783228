#include <array>
#include <vector>

#include "c/boundary.h"

struct curfew_call {
    const curfew::CallContext* context;
    std::string handler;
};

struct curfew_reply {
    curfew::Result<curfew::HostValue> value = curfew::HostValue::undefined();
};

namespace curfew::c {

namespace {

class FunctionOfC {
  public:
    FunctionOfC(curfew_function function, std::shared_ptr<void> user) noexcept
        : function_(function), user_(std::move(user)) {}

    Result<HostValue> operator()(const CallContext& context, std::span<const HostArgument> given) const {
        // JSON ends with a zero byte there, which is not so here.
        std::vector<std::string> texts;
        texts.reserve(given.size());
        std::vector<curfew_argument> arguments;
        arguments.reserve(given.size());
        for (const HostArgument& argument : given) {
            const std::string& text = texts.emplace_back(argument.data);
            arguments.push_back({.struct_size = sizeof(curfew_argument),
                                 .is_bytes = argument.is_bytes ? 1 : 0,
                                 .data = text.c_str(),
                                 .length = text.size()});
        }
        const curfew_call call{.context = &context, .handler = std::string(context.handler())};
        curfew_reply reply;
        function_(user_.get(), &call, arguments.data(), arguments.size(), &reply);
        return std::move(reply.value);
    }

  private:
    curfew_function function_;
    std::shared_ptr<void> user_;
};

// An answer that could not be kept for want of memory is an error with an empty message, rather than the answer before it.
template <typename Make>
void answer(curfew_reply* reply, Make&& make) noexcept {
    if (reply == nullptr) return;
    try {
        reply->value = std::forward<Make>(make)();
    } catch (...) {
        reply->value = std::unexpected(Error{.code = ErrorCode::internal, .message = "out of memory"});
    }
}

}  // namespace

}  // namespace curfew::c

using namespace curfew;
using namespace curfew::c;

const char* curfew_call_handler(const curfew_call* call) { return call->handler.c_str(); }

int curfew_call_cancelled(const curfew_call* call) { return call->context->cancelled() ? 1 : 0; }

void curfew_call_usage(const curfew_call* call, curfew_usage* usage) {
    give_out(usage_of(call->context->usage()), usage);
}

void curfew_reply_json(curfew_reply* reply, const char* json, size_t length) {
    answer(reply, [&]() -> Result<HostValue> { return HostValue::json(std::string(text_of(json, length))); });
}

void curfew_reply_bytes(curfew_reply* reply, const void* bytes, size_t length) {
    answer(reply, [&]() -> Result<HostValue> {
        return HostValue::bytes(std::string(text_of(static_cast<const char*>(bytes), length)));
    });
}

void curfew_reply_error(curfew_reply* reply, const char* message, size_t length) {
    answer(reply, [&]() -> Result<HostValue> {
        return std::unexpected(Error{.code = ErrorCode::internal, .message = std::string(text_of(message, length))});
    });
}

curfew_error* curfew_proto_add_function(curfew_proto* proto, const char* module, const char* name,
                                        curfew_function function, void* user, curfew_free_user free_user) {
    return guarded([&]() -> curfew_error* {
        auto kept = keep(user, free_user);
        if (proto == nullptr) return missing("the proto");
        if (module == nullptr) return missing("the module's name");
        if (name == nullptr) return missing("the function's name");
        if (function == nullptr) return missing("the function");
        proto->proto.host_module(module).add_dynamic(name, FunctionOfC(function, std::move(kept)));
        return nullptr;
    });
}
