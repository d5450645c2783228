// A job: something that the monitor runtime runs on a thread that may block.
#ifndef CURFEW_MONITOR_DETAIL_JOB_H
#define CURFEW_MONITOR_DETAIL_JOB_H

#include <curfew/language.h>

#include <curfew/export.h>

namespace curfew::monitor::detail {

class Job;

// The place of a job in the executor's queue, which alone reads and writes it.
struct JobLink {
    Job* next = nullptr;
    Job* previous = nullptr;
    bool queued = false;
};

// Queued without allocation.
class CURFEW_EXPORT Job {
  public:
    virtual void run() noexcept = 0;
    // Instead of run(), on any thread, when no thread can be had. False: the job must be run, however late.
    virtual bool refuse() noexcept = 0;

    JobLink link;

  protected:
    ~Job() = default;
};

}  // namespace curfew::monitor::detail

#endif
