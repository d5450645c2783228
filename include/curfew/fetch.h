// `fetch` for scripts, under a policy: SandboxBuilder::with_fetch().
//
//   curfew::FetchPolicy policy;
//   policy.origins = {"https://api.example.com"};
//   builder.with_fetch(policy, curfew::curl_transport());   // <curfew/curl_transport.h>
//
// In the guest, fetch(), Request, Response and Headers are as the web has them. See docs/fetch.md.
#ifndef CURFEW_FETCH_H
#define CURFEW_FETCH_H

#include <curfew/fetch/addresses.h>
#include <curfew/fetch/policy.h>
#include <curfew/fetch/transport.h>

#endif
