// The same objects as in lib.js.
import api from './lib.js';

export const {
  SandboxBuilder,
  ProtoJSSandbox,
  JSSandbox,
  LoadedJSSandbox,
  Snapshot,
  SandboxRestorer,
  InterruptHandle,
  HostModule,
  HostFunctionModule,
  SandboxStatus,
  SnapshotRequirementStatus,
} = api;
export default api;
