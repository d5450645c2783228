// What the command's exit statuses mean; the README lists them for users.
#ifndef CURFEW_CLI_EXIT_STATUS_H
#define CURFEW_CLI_EXIT_STATUS_H

namespace curfew::cli {

enum ExitStatus : int {
    kDone = 0,
    kFailed = 1,        // the handler failed, or its result could not be delivered
    kWrongUsage = 2,    // what was asked for makes no sense
    kLimitReached = 3,  // a limit ended the handler
    kUnavailable = 4,   // this machine lacks something that cells need
    kWaiting = 5,       // the handler waits for answers, and was saved
    kSignalBase = 128,  // plus the number of the signal that ended the command: 130 for Ctrl-C
};

}  // namespace curfew::cli

#endif
