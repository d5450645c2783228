// Types of curfew/hyperlight: the interface of @hyperlight-dev/js-host-api, on Curfew.
//
// Every failure is an Error with a `code`; what has the type Promise rejects with it, everything else throws it.

/** A function of the host that a guest can call. It may return a promise: the guest waits for it. */
export type HostCallback = (...args: any[]) => unknown;

export type ErrorCode =
  | 'ERR_INVALID_ARG'
  | 'ERR_CONSUMED'
  | 'ERR_POISONED'
  | 'ERR_CANCELLED'
  | 'ERR_GUEST_ABORT'
  | 'ERR_REENTRANT'
  | 'ERR_BUSY'
  | 'ERR_INTERNAL';

/** What errors have besides their message. */
export interface SandboxError extends Error {
  code: ErrorCode;
  /** The limit that ended the call, or `'kill'`. */
  terminatedBy?: string;
  /** What a callback threw, if that is why the guest failed. */
  cause?: unknown;
  /** The stack inside the guest. */
  guestStack?: string;
  /** What the call had used. */
  usage?: Usage;
}

/** What a call used. */
export interface Usage {
  wallClockMs: number;
  cpuTimeMs: number;
  /** CPU time that this process burnt for it. */
  hostCpuTimeMs: number;
  /** The most bytes that were allocated at one time. */
  peakHeap: number;
  hostCalls: number;
  bytesIn: number;
  bytesOut: number;
  bytesPrinted: number;
}

export declare const SandboxStatus: {
  readonly Ready: 'ready';
  readonly Poisoned: 'poisoned';
  readonly Unrecoverable: 'unrecoverable';
};
export type SandboxStatus = (typeof SandboxStatus)[keyof typeof SandboxStatus];

export declare const SnapshotRequirementStatus: {
  readonly Unknown: 'unknown';
  readonly Required: 'required';
  readonly NotRequired: 'notRequired';
};
export type SnapshotRequirementStatus = (typeof SnapshotRequirementStatus)[keyof typeof SnapshotRequirementStatus];

/** Settings of a sandbox. Every setter returns the builder. */
export declare class SandboxBuilder {
  /** Bytes that the guest may allocate; less than 4 MiB means 4 MiB. */
  setHeapSize(bytes: number): this;
  /** Bytes of the guest's stack; less than 1 MiB means 1 MiB. */
  setScratchSize(bytes: number): this;
  /** The former name of the scratch size. */
  setStackSize(bytes: number): this;
  /** Without effect: input of any size is passed. */
  setInputBufferSize(bytes: number): this;
  /** Without effect: output of any size is passed. */
  setOutputBufferSize(bytes: number): this;
  /** Gets what the guest prints, before the call that printed it is over. Without one it is dropped. */
  setHostPrintFn(print: (text: string) => void): this;
  /** Takes modules that were made before. The factory is called once, at once. */
  setHostFunctionModules(factory: () => HostFunctionModule[]): this;
  /** Which of them a sandbox from a snapshot gets: all, or those that the snapshot asks for. */
  setHostFunctionFilter(filter: 'all' | 'snapshotRequirements'): this;
  build(): Promise<ProtoJSSandbox>;
  buildFromSnapshot(snapshot: Snapshot): Promise<SandboxRestorer>;
}

/** A sandbox that has not started: the place to register functions of the host. */
export declare class ProtoJSSandbox {
  private constructor();
  /** The module that guests import as `host:name`. */
  hostModule(name: string): HostModule;
  register(module: string, name: string, callback: HostCallback): void;
  loadRuntime(): Promise<JSSandbox>;
}

/** Functions of the host, of one module of one sandbox. */
export declare class HostModule {
  private constructor();
  register(name: string, callback: HostCallback): void;
}

/** Functions of the host, made before there is a sandbox. */
export declare class HostFunctionModule {
  constructor(name: string);
  register(name: string, callback: HostCallback): this;
}

/** A sandbox with its runtime, before its handlers are loaded. */
export declare class JSSandbox {
  private constructor();
  /** A script that defines `function handler(event)`, or exports it. */
  addHandler(name: string, script: string): void;
  removeHandler(name: string): void;
  clearHandlers(): void;
  /** A module that handlers and modules import as `namespace:name`; the namespace is `user` if none is given. */
  addModule(name: string, source: string, namespace?: string | null): void;
  removeModule(name: string, namespace?: string | null): void;
  clearModules(): void;
  /** Compiles and runs everything that was added. Consumes the sandbox, also if that fails. */
  getLoadedSandbox(): Promise<LoadedJSSandbox>;
  snapshot(): Promise<Snapshot>;
  restore(snapshot: Snapshot): Promise<void>;
  get poisoned(): boolean;
  get status(): SandboxStatus;
  dispose(): void;
}

export interface CallHandlerOptions {
  /** Ends the call after so many milliseconds: 1 to 3,600,000. */
  wallClockTimeoutMs?: number | null;
  /** Ends the call when it has used so many milliseconds of CPU time: 1 to 3,600,000. */
  cpuTimeoutMs?: number | null;
  /** Whether garbage is collected after the call; true if it is not given. */
  gc?: boolean;
}

export interface CallStats {
  wallClockMs: number;
  cpuTimeMs?: number;
  terminatedBy?: 'wall-clock' | 'cpu-time';
}

/** A sandbox with handlers. Calls wait for each other. */
export declare class LoadedJSSandbox {
  private constructor();
  callHandler(name: string, event: any, options?: CallHandlerOptions | null): Promise<any>;
  snapshot(): Promise<Snapshot>;
  /** Goes back to a snapshot; the sandbox is not poisoned afterwards. */
  restore(snapshot: Snapshot): Promise<void>;
  /** Drops handlers, modules and their state. */
  unload(): Promise<JSSandbox>;
  /** Frees the sandbox when the calls that were made are over. */
  dispose(): Promise<void>;
  get interruptHandle(): InterruptHandle;
  get poisoned(): boolean;
  get status(): SandboxStatus;
  /** Of the latest call; null before the first. */
  get lastCallStats(): CallStats | null;
}

/** Ends the call that is running in one sandbox. */
export declare class InterruptHandle {
  private constructor();
  kill(): void;
}

export interface SnapshotRequirements {
  hostFunctions: { module: string; functions: string[] }[];
  moduleLoader: SnapshotRequirementStatus;
}

/** The saved state of a sandbox. */
export declare class Snapshot {
  private constructor();
  get kind(): 'jsSandbox' | 'loadedJsSandbox';
  get requirements(): SnapshotRequirements;
  /** Saves it under a tag of its own, and resolves to its digest, `sha256:...`. */
  save(directory: string, tag: string): Promise<string>;
  static load(directory: string, tagOrDigest: string): Promise<Snapshot>;
  /** The same without computing the digest. */
  static loadUnverified(directory: string, tagOrDigest: string): Promise<Snapshot>;
}

/** Makes one sandbox from a snapshot. */
export declare class SandboxRestorer {
  private constructor();
  get kind(): 'jsSandbox' | 'loadedJsSandbox';
  get requirements(): SnapshotRequirements;
  restoreJsSandbox(): Promise<JSSandbox>;
  restoreLoadedSandbox(): Promise<LoadedJSSandbox>;
}

declare const api: {
  SandboxBuilder: typeof SandboxBuilder;
  ProtoJSSandbox: typeof ProtoJSSandbox;
  JSSandbox: typeof JSSandbox;
  LoadedJSSandbox: typeof LoadedJSSandbox;
  Snapshot: typeof Snapshot;
  SandboxRestorer: typeof SandboxRestorer;
  InterruptHandle: typeof InterruptHandle;
  HostModule: typeof HostModule;
  HostFunctionModule: typeof HostFunctionModule;
  SandboxStatus: typeof SandboxStatus;
  SnapshotRequirementStatus: typeof SnapshotRequirementStatus;
};
export default api;
