// The same objects as in curfew.js.
import api from './curfew.js';

export const { Sandbox, Snapshot, Pool, PendingInvocation, CurfewError, blocking, deferred, toolSignal, limits, version } = api;
export default api;
