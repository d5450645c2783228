#include "guest/node/platform.h"

#include <algorithm>
#include <utility>

#include "guest/node/clock.h"

namespace curfew::guest {

// Passes tasks on, but for those that come later and must not run inside of others: the only ones that scripts wait for.
class Platform::Runner : public v8::TaskRunner {
  public:
    Runner(Platform& platform, std::shared_ptr<v8::TaskRunner> inner) : platform_(platform), inner_(std::move(inner)) {}

    bool IdleTasksEnabled() override { return inner_->IdleTasksEnabled(); }
    bool NonNestableTasksEnabled() const override { return inner_->NonNestableTasksEnabled(); }
    bool NonNestableDelayedTasksEnabled() const override { return true; }

  protected:
    void PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation& location) override {
        inner_->PostTask(std::move(task), location);
    }
    void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation& location) override {
        inner_->PostNonNestableTask(std::move(task), location);
    }
    void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double seconds,
                             const v8::SourceLocation& location) override {
        inner_->PostDelayedTask(std::move(task), seconds, location);
    }
    void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task, double seconds,
                                        const v8::SourceLocation&) override {
        constexpr double kPerSecond = 1e9, kMost = 1e9;
        const double wait = seconds < 0 ? 0 : seconds < kMost ? seconds : kMost;
        platform_.delayed_.push_back({monotonic_time() + static_cast<uint64_t>(wait * kPerSecond), std::move(task)});
    }
    void PostIdleTaskImpl(std::unique_ptr<v8::IdleTask> task, const v8::SourceLocation& location) override {
        inner_->PostIdleTask(std::move(task), location);
    }

  private:
    Platform& platform_;
    std::shared_ptr<v8::TaskRunner> inner_;
};

Platform::Platform() : inner_(v8::platform::NewSingleThreadedDefaultPlatform()) {}

std::shared_ptr<v8::TaskRunner> Platform::GetForegroundTaskRunner(v8::Isolate* isolate, v8::TaskPriority priority) {
    if (!runner_) runner_ = std::make_shared<Runner>(*this, inner_->GetForegroundTaskRunner(isolate, priority));
    return runner_;
}

uint64_t Platform::next_delayed_task() const {
    uint64_t next = kNoTask;
    for (const Delayed& each : delayed_) next = std::min(next, each.due);
    return next;
}

// Of those that are due, the one that was due first.
bool Platform::run_delayed() {
    const auto first = std::min_element(delayed_.begin(), delayed_.end(),
                                        [](const Delayed& one, const Delayed& other) { return one.due < other.due; });
    if (first == delayed_.end() || first->due > monotonic_time()) return false;
    const std::unique_ptr<v8::Task> task = std::move(first->task);
    delayed_.erase(first);
    task->Run();
    return true;
}

bool Platform::run_one(v8::Isolate* isolate) {
    if (run_delayed()) return true;
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
