// What V8 and Node run their tasks on: one thread. What they would give to others waits until this one has time.
#ifndef CURFEW_GUEST_NODE_PLATFORM_H
#define CURFEW_GUEST_NODE_PLATFORM_H

#include <libplatform/libplatform.h>
#include <node.h>
#include <stdint.h>
#include <v8.h>

#include <deque>
#include <memory>
#include <vector>

namespace curfew::guest {

class Platform : public ::node::MultiIsolatePlatform {
  public:
    Platform();

    // When the next task is due that a script waits for (the end of Atomics.waitAsync's time), by monotonic_time(); kNoTask if there is
    // none. What V8 would do later for itself is nothing to wait for.
    static constexpr uint64_t kNoTask = ~uint64_t{0};
    uint64_t next_delayed_task() const;

    // Forgets such tasks: the request that they are of is over.
    void drop_delayed_tasks() { delayed_.clear(); }

    // Runs all tasks that are due.
    void DrainTasks(v8::Isolate* isolate) override;
    bool FlushForegroundTasks(v8::Isolate* isolate) override;

    void RegisterIsolate(v8::Isolate*, uv_loop_s*) override {}
    void RegisterIsolate(v8::Isolate*, ::node::IsolatePlatformDelegate*) override {}
    void UnregisterIsolate(v8::Isolate*) override {}
    void AddIsolateFinishedCallback(v8::Isolate*, void (*callback)(void*), void* data) override { callback(data); }
    v8::PageAllocator* GetPageAllocator() override { return inner_->GetPageAllocator(); }
    int NumberOfWorkerThreads() override { return 0; }
    std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(v8::Isolate* isolate, v8::TaskPriority priority) override;
    double MonotonicallyIncreasingTime() override { return inner_->MonotonicallyIncreasingTime(); }
    double CurrentClockTimeMillis() override { return inner_->CurrentClockTimeMillis(); }
    v8::TracingController* GetTracingController() override { return inner_->GetTracingController(); }

  protected:
    std::unique_ptr<v8::JobHandle> CreateJobImpl(v8::TaskPriority priority, std::unique_ptr<v8::JobTask> task,
                                                 const v8::SourceLocation&) override;
    void PostTaskOnWorkerThreadImpl(v8::TaskPriority, std::unique_ptr<v8::Task> task,
                                    const v8::SourceLocation&) override;
    // Such tasks only save memory or tell of what went on.
    void PostDelayedTaskOnWorkerThreadImpl(v8::TaskPriority, std::unique_ptr<v8::Task>, double,
                                           const v8::SourceLocation&) override {}

  private:
    class Runner;
    struct Delayed {
        uint64_t due;
        std::unique_ptr<v8::Task> task;
    };

    bool run_delayed();
    bool run_one(v8::Isolate* isolate);

    std::unique_ptr<v8::Platform> inner_;  // foreground tasks
    std::deque<std::unique_ptr<v8::Task>> background_;
    std::vector<Delayed> delayed_;
    std::shared_ptr<Runner> runner_;
};

}  // namespace curfew::guest

#endif
