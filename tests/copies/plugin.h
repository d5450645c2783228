// What each of the two shared objects with a copy of the monitors offers to the test.
#ifndef CURFEW_TESTS_COPIES_PLUGIN_H
#define CURFEW_TESTS_COPIES_PLUGIN_H

// Runs work under monitors of every kind until one ends it. Returns "" or what was not as it should be.
extern "C" const char* run_limited();
using RunLimited = decltype(run_limited);

#endif
