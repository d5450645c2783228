// Booting Node, in the process that is frozen.
#include <cppgc/platform.h>
#include <uv.h>

#include <vector>

#include "guest/node/bindings.h"
#include "guest/node/engine.h"
#include "guest/node/exhaustion.h"
#include "guest/node/pool_threads.h"
#include "guest/node/scripts.h"
#include "guest/node/system.h"
#include "guest/node/text_of.h"

namespace curfew::guest {

namespace {

// For one thread, and without what a cell has no use for. The sizes are limits that each cell makes smaller for itself.
const std::vector<std::string> kArguments = {
    "node",
    "--single-threaded",
    "--v8-pool-size=0",
    "--disable-wasm-trap-handler",
    "--wasm-max-mem-pages=16384",
    "--max-old-space-size=65536",
    "--max-semi-space-size=16",
    "--no-force-async-hooks-checks",
    "--experimental-vm-modules",
    "--expose-internals",
};

constexpr int kRoundsToSettle = 1000;

void fail_with(const std::vector<std::string>& errors) {
    give_up("Node.js does not start: %s", errors.empty() ? "it does not say why" : errors.front().c_str());
}

void on_fatal_error(const char* location, const char* message) {
    give_up("V8 gave up: %s (%s)", message ? message : "", location ? location : "");
}

void on_engine_out_of_memory(const char*, const v8::OOMDetails&) { end_for_lack_of_memory(); }

}  // namespace

Engine::Engine(bool jitless) {
    boot_node(jitless);
    run_main_script();
}

void Engine::boot_node(bool jitless) {
    std::vector<std::string> arguments = kArguments;
    if (jitless) arguments.emplace_back("--jitless");
    using ProcessFlag = ::node::ProcessInitializationFlags::Flags;
    using Flag = ::node::EnvironmentFlags::Flags;
    process_ = ::node::InitializeOncePerProcess(
        arguments,
        static_cast<ProcessFlag>(ProcessFlag::kNoStdioInitialization | ProcessFlag::kNoDefaultSignalHandling |
                                 ProcessFlag::kNoInitializeV8 | ProcessFlag::kNoInitializeNodeV8Platform |
                                 ProcessFlag::kNoInitializeCppgc | ProcessFlag::kDisableNodeOptionsEnv |
                                 ProcessFlag::kNoAdjustResourceLimits | ProcessFlag::kNoUseLargePages));
    if (process_->early_return()) fail_with(process_->errors());
    platform_ = new Platform;
    v8::V8::InitializePlatform(platform_);
    cppgc::InitializeProcess(platform_->GetPageAllocator());
    v8::V8::Initialize();
    std::vector<std::string> errors;
    setup_ = ::node::CommonEnvironmentSetup::Create(
        platform_, &errors, process_->args(), process_->exec_args(),
        static_cast<Flag>(Flag::kDefaultFlags | Flag::kNoCreateInspector | Flag::kNoStartDebugSignalHandler |
                          Flag::kNoWaitForInspectorFrontend | Flag::kNoGlobalSearchPaths | Flag::kNoNativeAddons));
    if (!setup_) fail_with(errors);
    // For good: this thread does nothing else any more.
    new v8::Locker(isolate());
    isolate()->Enter();
    isolate()->SetFatalErrorHandler(on_fatal_error);
    isolate()->SetOOMErrorHandler(on_engine_out_of_memory);
    ::node::SetProcessExitHandler(setup_->env(), [this](::node::Environment*, int status) { exit(status); });
}

void Engine::run_main_script() {
    const v8::HandleScope handles(isolate());
    const v8::Local<v8::Context> scope = context();
    scope->Enter();
    resource_.Reset(isolate(), v8::Object::New(isolate()));
    scope->Global()->Set(scope, string("__curfew"), make_bindings(*this)).Check();
    v8::TryCatch caught(isolate());
    v8::Local<v8::Value> result;
    const std::string_view source = script_named("main.js");
    if (source.empty()) give_up("the library has no main.js");
    if (!::node::LoadEnvironment(setup_->env(), source).ToLocal(&result) || !result->IsObject()) {
        give_up("main.js failed: %s", describe(isolate(), caught).c_str());
    }
    for (int i = 0; i < kFunctions; ++i) {
        v8::Local<v8::Value> function;
        if (!result.As<v8::Object>()->Get(scope, string(kNames[i])).ToLocal(&function) || !function->IsFunction()) {
            give_up("main.js has no function %s", kNames[i]);
        }
        functions_[i].Reset(isolate(), function.As<v8::Function>());
    }
}

void Engine::warm() {
    const v8::HandleScope handles(isolate());
    answered_ = false;
    v8::Local<v8::Value> returned;
    if (!enter(kWarm).ToLocal(&returned)) give_up("warm() failed");
    for (int i = 0; i < kRoundsToSettle && run_loop_once(); ++i) {
    }
    if (returned->IsPromise()) {
        const auto promise = returned.As<v8::Promise>();
        if (promise->State() == v8::Promise::kPending) give_up("what warm() waits for never happens");
        if (promise->State() == v8::Promise::kRejected) {
            promise->MarkAsHandled();
            give_up("warm() failed: %s", describe(isolate(), promise->Result()).c_str());
        }
    }
    finish();
    answered_ = true;
    isolate()->LowMemoryNotification();
    while (run_loop_once()) {
    }
    allow_no_more_threads();
    refuse_open_handles();
}

// A handle that keeps the loop going would be waited for in every cell.
void Engine::refuse_open_handles() {
    std::string open;
    uv_walk(
        setup_->event_loop(),
        [](uv_handle_t* handle, void* names) {
            if (uv_is_active(handle) == 0 || uv_has_ref(handle) == 0) return;
            *static_cast<std::string*>(names) += std::string(" ") + uv_handle_type_name(uv_handle_get_type(handle));
        },
        &open);
    if (!open.empty()) give_up("handles are still open before the freeze:%s", open.c_str());
    if (uv_loop_alive(setup_->event_loop()) != 0) give_up("requests are still under way before the freeze");
}

}  // namespace curfew::guest
