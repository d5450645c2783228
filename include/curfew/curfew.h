// All of Curfew's public interface but <curfew/prometheus.h>, <curfew/spdlog.h> and <curfew/curl_transport.h>, which belong to
// libraries of their own, and <curfew/fetch.h>, which only those need whose scripts fetch. The README shows how its parts fit together.
#ifndef CURFEW_CURFEW_H
#define CURFEW_CURFEW_H

#include <curfew/language.h>

#include <curfew/call_trace.h>
#include <curfew/cgroup.h>
#include <curfew/engine.h>
#include <curfew/error.h>
#include <curfew/file_system.h>
#include <curfew/host_module.h>
#include <curfew/interrupt_handle.h>
#include <curfew/isolation.h>
#include <curfew/limits.h>
#include <curfew/machine.h>
#include <curfew/monitor.h>
#include <curfew/observer.h>
#include <curfew/pending_invocation.h>
#include <curfew/ready_queue.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>
#include <curfew/sandbox_pool.h>
#include <curfew/script.h>
#include <curfew/signing_key.h>
#include <curfew/snapshot.h>
#include <curfew/snapshot_folder.h>
#include <curfew/usage.h>
#include <curfew/version.h>

#endif
