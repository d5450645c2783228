#include "guest/quickjs/node_support.h"

#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

JSValue run_queued(JSContext* context, int count, JSValueConst* arguments) {
    return JS_Call(context, arguments[0], JS_UNDEFINED, count - 1, arguments + 1);
}

// queueJob(function, ...arguments)
JSValue queue_job(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    return JS_EnqueueJob(context, run_queued, count, arguments) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

constexpr JSCFunctionListEntry kForNode[] = {
    JS_CFUNC_DEF("queueJob", 1, queue_job),
};

}  // namespace

bool add_node_support(JSContext* context, JSValueConst support) {
    return JS_SetPropertyFunctionList(context, support, kForNode, sizeof(kForNode) / sizeof(kForNode[0])) >= 0;
}

}  // namespace curfew::guest
