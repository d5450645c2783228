#include "guest/node/platform.h"

#include <utility>

namespace curfew::guest {

Platform::Platform() : inner_(v8::platform::NewSingleThreadedDefaultPlatform()) {}

bool Platform::run_one(v8::Isolate* isolate) {
    if (background_.empty()) return v8::platform::PumpMessageLoop(inner_.get(), isolate);
    const std::unique_ptr<v8::Task> task = std::move(background_.front());
    background_.pop_front();
    task->Run();
    return true;
}

bool Platform::FlushForegroundTasks(v8::Isolate* isolate) {
    bool any = false;
    while (run_one(isolate)) any = true;
    return any;
}

void Platform::DrainTasks(v8::Isolate* isolate) { FlushForegroundTasks(isolate); }

std::unique_ptr<v8::JobHandle> Platform::CreateJobImpl(v8::TaskPriority priority, std::unique_ptr<v8::JobTask> task,
                                                       const v8::SourceLocation&) {
    return v8::platform::NewDefaultJobHandle(this, priority, std::move(task), 1);
}

void Platform::PostTaskOnWorkerThreadImpl(v8::TaskPriority, std::unique_ptr<v8::Task> task, const v8::SourceLocation&) {
    background_.push_back(std::move(task));
}

}  // namespace curfew::guest
