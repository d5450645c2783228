#include <any>
#include <memory>
#include <vector>

#include <curfew/reply.h>

#include "c/boundary.h"

struct curfew_call {
    const curfew::CallContext* context;
    std::string handler;
};

struct curfew_reply {
    curfew::Result<curfew::HostValue> value = curfew::HostValue::undefined();
};

struct curfew_async_reply {
    curfew::Reply<curfew::HostValue> reply;
};

namespace curfew::c {

namespace {

// The arguments of one call, for C: there, JSON ends with a zero byte.
class Arguments {
  public:
    explicit Arguments(std::span<const HostArgument> given) {
        texts_.reserve(given.size());
        arguments_.reserve(given.size());
        for (const HostArgument& argument : given) add(argument.data, argument.is_bytes);
    }
    explicit Arguments(std::string_view cbor) {
        texts_.reserve(1);
        add(cbor, true);
    }

    const curfew_argument* data() const noexcept { return arguments_.data(); }
    std::size_t size() const noexcept { return arguments_.size(); }

  private:
    void add(std::string_view data, bool is_bytes) {
        const std::string& text = texts_.emplace_back(data);
        arguments_.push_back({.struct_size = sizeof(curfew_argument),
                              .is_bytes = is_bytes ? 1 : 0,
                              .data = text.c_str(),
                              .length = text.size()});
    }

    std::vector<std::string> texts_;
    std::vector<curfew_argument> arguments_;
};

class FunctionOfC {
  public:
    FunctionOfC(curfew_function function, std::shared_ptr<void> user) noexcept
        : function_(function), user_(std::move(user)) {}

    Result<HostValue> operator()(const CallContext& context, std::span<const HostArgument> given) const {
        return call(context, Arguments(given));
    }
    Result<HostValue> operator()(const CallContext& context, std::string_view cbor) const {
        return call(context, Arguments(cbor));
    }

  private:
    Result<HostValue> call(const CallContext& context, const Arguments& arguments) const {
        const curfew_call call{.context = &context, .handler = std::string(context.handler())};
        curfew_reply reply;
        function_(user_.get(), &call, arguments.data(), arguments.size(), &reply);
        return std::move(reply.value);
    }

    curfew_function function_;
    std::shared_ptr<void> user_;
};

class AsyncFunctionOfC {
  public:
    AsyncFunctionOfC(curfew_async_function function, std::shared_ptr<void> user) noexcept
        : function_(function), user_(std::move(user)) {}

    void operator()(const CallContext& context, std::span<const HostArgument> given, Reply<HostValue> reply) const {
        call(context, Arguments(given), std::move(reply));
    }
    void operator()(const CallContext& context, std::string_view cbor, Reply<HostValue> reply) const {
        call(context, Arguments(cbor), std::move(reply));
    }

  private:
    void call(const CallContext& context, const Arguments& arguments, Reply<HostValue> reply) const {
        const curfew_call call{.context = &context, .handler = std::string(context.handler())};
        auto kept = std::make_unique<curfew_async_reply>(std::move(reply));
        function_(user_.get(), &call, arguments.data(), arguments.size(), kept.release());
    }

    curfew_async_function function_;
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

// Whether somebody still waits for it.
template <typename Send>
int answer_later(curfew_async_reply* reply, Send&& send) noexcept {
    if (reply == nullptr) return 0;
    const std::unique_ptr<curfew_async_reply> taken(reply);
    try {
        return std::forward<Send>(send)(taken->reply) ? 1 : 0;
    } catch (...) {
        return 0;  // for want of memory; the reply is dropped, which the guest is told
    }
}

// Adds a function of either kind to a module. What `user` is kept by goes with it, or at once if that fails.
template <typename Function, typename Add>
curfew_error* added(curfew_proto* proto, const char* module, const char* name, Function* function, void* user,
                    curfew_free_user free_user, Add&& add) noexcept {
    return guarded([&]() -> curfew_error* {
        auto kept = keep(user, free_user);
        if (proto == nullptr) return missing("the proto");
        if (module == nullptr) return missing("the module's name");
        if (name == nullptr) return missing("the function's name");
        if (function == nullptr) return missing("the function");
        std::forward<Add>(add)(proto->proto.host_module(module), std::move(kept));
        return nullptr;
    });
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

void curfew_reply_cbor(curfew_reply* reply, const void* cbor, size_t length) {
    answer(reply, [&]() -> Result<HostValue> {
        return HostValue::cbor(std::string(text_of(static_cast<const char*>(cbor), length)));
    });
}

void curfew_reply_error(curfew_reply* reply, const char* message, size_t length) {
    answer(reply, [&]() -> Result<HostValue> {
        return std::unexpected(Error{.code = ErrorCode::internal, .message = std::string(text_of(message, length))});
    });
}

void* curfew_call_context(const curfew_call* call) {
    void* const* const context = std::any_cast<void*>(&call->context->context());
    return context == nullptr ? nullptr : *context;
}

int curfew_async_reply_json(curfew_async_reply* reply, const char* json, size_t length) {
    return answer_later(
        reply, [&](Reply<HostValue>& to) { return to.send(HostValue::json(std::string(text_of(json, length)))); });
}

int curfew_async_reply_bytes(curfew_async_reply* reply, const void* bytes, size_t length) {
    return answer_later(reply, [&](Reply<HostValue>& to) {
        return to.send(HostValue::bytes(std::string(text_of(static_cast<const char*>(bytes), length))));
    });
}

int curfew_async_reply_cbor(curfew_async_reply* reply, const void* cbor, size_t length) {
    return answer_later(reply, [&](Reply<HostValue>& to) {
        return to.send(HostValue::cbor(std::string(text_of(static_cast<const char*>(cbor), length))));
    });
}

int curfew_async_reply_error(curfew_async_reply* reply, const char* message, size_t length) {
    return answer_later(reply, [&](Reply<HostValue>& to) { return to.fail(std::string(text_of(message, length))); });
}

int curfew_async_reply_over(const curfew_async_reply* reply) { return reply == nullptr || reply->reply.over() ? 1 : 0; }

void curfew_async_reply_free(curfew_async_reply* reply) { delete reply; }  // NOLINT: C's

curfew_error* curfew_proto_add_async_function(curfew_proto* proto, const char* module, const char* name,
                                              curfew_async_function function, void* user, curfew_free_user free_user) {
    return added(proto, module, name, function, user, free_user, [&](HostModule& to, std::shared_ptr<void> kept) {
        to.add_dynamic_async(name, AsyncFunctionOfC(function, std::move(kept)));
    });
}

curfew_error* curfew_proto_add_deferred(curfew_proto* proto, const char* module, const char* name) {
    if (proto == nullptr) return missing("the proto");
    if (module == nullptr) return missing("the module's name");
    if (name == nullptr) return missing("the function's name");
    return guarded([&]() -> curfew_error* {
        proto->proto.host_module(module).add_deferred(name);
        return nullptr;
    });
}

curfew_error* curfew_proto_add_async_cbor_function(curfew_proto* proto, const char* module, const char* name,
                                                   curfew_async_function function, void* user,
                                                   curfew_free_user free_user) {
    return added(proto, module, name, function, user, free_user, [&](HostModule& to, std::shared_ptr<void> kept) {
        to.add_cbor_async(name, AsyncFunctionOfC(function, std::move(kept)));
    });
}

curfew_error* curfew_proto_add_cbor_function(curfew_proto* proto, const char* module, const char* name,
                                             curfew_function function, void* user, curfew_free_user free_user) {
    return added(proto, module, name, function, user, free_user, [&](HostModule& to, std::shared_ptr<void> kept) {
        to.add_cbor(name, FunctionOfC(function, std::move(kept)));
    });
}

curfew_error* curfew_proto_add_function(curfew_proto* proto, const char* module, const char* name,
                                        curfew_function function, void* user, curfew_free_user free_user) {
    return added(proto, module, name, function, user, free_user, [&](HostModule& to, std::shared_ptr<void> kept) {
        to.add_dynamic(name, FunctionOfC(function, std::move(kept)));
    });
}
