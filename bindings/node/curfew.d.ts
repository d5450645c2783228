// Types of the package `curfew`, and its reference. docs/bindings-node.md in Curfew's sources is a tour.

/**
 * Events, results, and tools' arguments and results are whatever structured clone knows: JSON and undefined, BigInt, Date, RegExp, Map, Set,
 * Uint8Array and the other typed arrays, ArrayBuffer, DataView, errors, and objects that are shared or contain themselves. An object with
 * toJSON passes as what that returns. Functions, symbols and promises cannot be passed: the error names the place. Stacks of this
 * process's errors stay here.
 */
export type Passed = unknown;

/** Why something failed. `reentrant`: a tool used the sandbox that called it. */
export type ErrorCode =
  | 'invalid_argument'
  | 'consumed'
  | 'poisoned'
  | 'cancelled'
  | 'not_run'
  | 'syntax_error'
  | 'stack_overflow'
  | 'handler_error'
  | 'out_of_memory'
  | 'guest_abort'
  | 'monitor_failed'
  | 'unavailable'
  | 'overloaded'
  | 'internal'
  | 'reentrant'
  | (string & {});

/** What sandboxes, snapshots and pools fail with. Values of a wrong type are refused with a TypeError. */
export declare class CurfewError extends Error {
  private constructor();
  readonly code: ErrorCode;
  /** With `cancelled`: the name of the limit that ended the call, or `'kill'`. */
  readonly terminatedBy?: string;
  /** What a tool or a monitor threw, if that is why it failed; or the cause that the guest gave its error. */
  readonly cause?: unknown;
  /** Of what the guest threw: the name of its class, such as `"TypeError"`, and its own fields, such as `code`. All of it is hostile. */
  readonly guestName?: string;
  readonly guestFields?: { [name: string]: unknown };
  /** Of an AggregateError. */
  readonly errors?: Error[];
  /** Where it was thrown, or where the compiler stopped, counted from 1. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly sourceLine?: string;
  /** What the call had used by then. */
  readonly usage?: Usage;
  /** The stack inside the guest, in the positions of its source. `stack` begins with it. */
  readonly guestStack?: string;
}

/** What a call used. Times in milliseconds, with fractions; everything else in bytes. */
export interface Usage {
  readonly wallClockMs: number;
  /** The part of it in which it waited as a PendingInvocation. */
  readonly waitingMs: number;
  /** CPU time of the guest. */
  readonly cpuTimeMs: number;
  /** CPU time of this process on behalf of the guest; JavaScript's own thread is not in it. */
  readonly hostCpuTimeMs: number;
  /** The most bytes that were allocated on the guest's heap at one time. */
  readonly peakHeap: number;
  readonly hostCalls: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly bytesPrinted: number;
}

/** A text such as `"100ms"` or `"1.5s"`, or a number of milliseconds. `null`, `Infinity` and `"none"` mean no limit. */
export type Duration = string | number | null;
/** A text such as `"32MiB"`, or a number of bytes. */
export type Size = string | number;

/** The first limit that is reached ends what is running, wherever it is. They have the names of curfew's options. */
export interface Limits {
  /** Of the time that passes; 30 seconds if nothing is said. */
  wall?: Duration;
  /** Of the CPU time that the guest uses. */
  cpu?: Duration;
  /** Of what the guest has allocated at one time. */
  memory?: Size | null;
  /** Of the number of tool calls. */
  hostCalls?: string | number | null;
  /** Of what is printed and passed out, the result included. */
  output?: Size | null;
  /** When it all has to be over: a Date, `"2026-11-24T23:59:00Z"`, or `"+1.5s"`. */
  deadline?: Date | string | null;
  [name: string]: Date | string | number | null | undefined;
}

/** A row of the table of limits. */
export interface LimitKind {
  /** As in `CurfewError.terminatedBy`. */
  readonly name: string;
  /** As in `Limits`. */
  readonly key: string;
  readonly form: 'duration' | 'size' | 'count' | 'point_in_time';
  readonly example: string;
  readonly help: string;
}

/**
 * A limit of your own, in two phases. `start` runs on the event loop just before the guest does, and returns the second phase: a promise.
 * Whenever that settles, the invocation is ended; if it is rejected, too. If `start` throws, or returns no promise, nothing is run
 * (`monitor_failed`). Neither may use the sandbox that is watched.
 */
export interface Monitor {
  /** As in `CurfewError.terminatedBy`: up to 64 characters, and no limit's own name. */
  name: string;
  start(invocation: WatchedInvocation): PromiseLike<unknown>;
}

export interface WatchedInvocation {
  /** The handler's name; empty for programs, and when handlers are loaded. */
  readonly handler: string;
  /** Aborted when the invocation is over. */
  readonly signal: AbortSignal;
  /** What it has used by now; undefined before it runs, and afterwards. */
  usage(): Usage | undefined;
}

/** Every limit that there is. */
export declare const limits: readonly LimitKind[];

/** The version of Curfew. */
export declare const version: string;

/**
 * A function that guests can call. Its arguments and its result are copies (see Passed). What it throws is an Error in the guest with
 * that message, which untrusted code can read.
 */
export type Tool = (...args: any[]) => unknown;

/** In the place of a function: its calls stay open until `PendingInvocation.resume()` or `fail()` answers them. */
export declare const deferred: Deferred;
export interface Deferred {
  readonly [Symbol.toStringTag]: 'deferred tool';
}

/** Tools by name; in groups, if wanted: `{ weather, github: { issues } }` are `tools.weather` and `tools.github.issues`. */
export interface Tools {
  [name: string]: Tool | Deferred | { [name: string]: Tool | Deferred };
}

/**
 * A tool whose result the guest gets at once, and not as a promise. The guest waits for it meanwhile, also if the function
 * returns a promise.
 */
export declare function blocking<T extends Tool>(tool: T): T;

/**
 * In a tool, and in what it awaits: a signal that is aborted when the call of the sandbox is over that the tool works for, because a limit has
 * ended it, say. Undefined elsewhere.
 */
export declare function toolSignal(): AbortSignal | undefined;

export interface SandboxOptions {
  /** `"quickjs"`, which is part of the package, or `"node"`, which has to be installed. */
  engine?: string;
  /** The guest's heap: 16 MiB if nothing is said. */
  heap?: Size;
  /** The guest's stack: 1 MiB if nothing is said. */
  stack?: Size;
  /** For everything that runs in the sandbox, its scripts' loading included, unless a call has others. */
  limits?: Limits;
  /** For everything that runs in the sandbox, as `limits`. */
  monitors?: Monitor[];
  /** Global in the guest as `tools`, and imported from `host:tools`. Each gives a promise; several run side by side. */
  tools?: Tools;
  /** Scripts that export `handler`, or define it as a function. */
  handlers?: { [name: string]: string };
  /** Sources that scripts import as `user:name`, or under the space that stands before a colon: `"lib:strings"`. */
  modules?: { [name: string]: string };
  /** A folder whose files scripts can import, by their paths in it: `import '/lib/tax.js'`. Nothing else of the machine is reached so. */
  folder?: string;
  /** Gets what the guest prints. It is hostile text: it may hold control characters. */
  console?: (level: 'print' | 'log' | 'info' | 'warn' | 'error' | 'debug', text: string) => void;
  /** What one call may print, whatever its limits: 16 MiB. */
  outputLimit?: Size;
  /** What the arguments of one tool call may have: 1 MiB. */
  argumentLimit?: Size;
  /** Tool calls without an answer that one invocation may have at one time: 64. */
  openCalls?: number;
  /** Everything that isolates further, for tenants who may be after each other's secrets. Calls cost more. */
  strict?: boolean;
  /** Its parts, one by one; docs/security.md in Curfew's sources says what each keeps from whom. */
  isolation?: {
    sideChannels?: 'basic' | 'strict';
    restoreMode?: 'fast' | 'strict';
    branchBarrier?: 'none' | 'where_possible' | 'required';
  };
  /** The engine `"node"` without its compiler: no memory that is writable and executable. */
  jitless?: boolean;
  /** Looks for a call's answer for a while before it blocks: for machines that have a CPU to spare. */
  spinning?: boolean;
  /** What scripts may fetch; nothing if it is not given. Requests are libcurl's, which has to be installed, and not those of this process. */
  fetch?: FetchOptions;
  /** A control group (cgroup v2) of its own, where some may be made. */
  cgroup?: {
    /** The folder of a control group in which others may be made; that of this process if nothing is said. */
    parent?: string;
    memory?: Size;
    /** How much of the CPUs' time: 0.5 is half of one. */
    cpus?: number;
    processes?: number;
  };
  /** Ends the making of the sandbox. */
  signal?: AbortSignal;
}

/** A policy that each request and each redirect is held to; docs/fetch.md in Curfew's sources has all of it. */
export interface FetchOptions {
  /** `"https://api.example.com"`, `"https://*.example.com"`, `"https://*"`; none if nothing is said. */
  origins?: string[];
  methods?: string[];
  /** Addresses that may be reached though they are not public: `"127.0.0.1"`, `"10.0.0.0/8"`. */
  addresses?: string[];
  /** By origin: what is added to requests, such as credentials. The guest never sees it. */
  headers?: { [origin: string]: { [name: string]: string } };
  maxRequestBytes?: Size;
  maxResponseBytes?: Size;
  maxHeaderBytes?: Size;
  /** Of one invocation, redirects included. */
  maxRequests?: number;
  maxConcurrent?: number;
  maxRedirects?: number;
  /** From fetch() to the end of the body. */
  timeLimit?: Duration;
}

export interface CallOptions {
  /** Besides the sandbox's; one of the same name takes the other's place. */
  limits?: Limits;
  /** Besides the sandbox's. */
  monitors?: Monitor[];
  /** Ends the call: it is rejected with the signal's reason. A call that had begun leaves the sandbox poisoned. */
  signal?: AbortSignal;
  /** Whether the guest's garbage is collected afterwards; true if nothing is said. */
  collectGarbage?: boolean;
}

export interface ProgramOptions extends CallOptions {
  /** Whether types are to be taken away first. */
  typescript?: boolean;
}

/**
 * A sealed cell with an engine in it. Calls wait for each other; the event loop is never held up. A sandbox that nobody refers
 * to is freed, but when is not said: dispose of it, or use `await using`.
 */
export declare class Sandbox {
  private constructor();
  static create(options?: SandboxOptions): Promise<Sandbox>;
  /** A new sandbox in a saved state. It needs the tools that the saved one had. */
  static from(snapshot: Snapshot, options?: Omit<SandboxOptions, 'handlers' | 'modules'>): Promise<Sandbox>;

  /**
   * Runs a program: top-level `await` and `return` are allowed, and without a `return` the result is the last expression's
   * value. What it declares is there for the next program.
   */
  run(program: string, options?: ProgramOptions): Promise<any>;
  /** Calls a handler with an event, and resolves to its result. */
  call(handler: string, event?: unknown, options?: CallOptions): Promise<any>;

  /**
   * Calls a handler that may wait for answers to calls of `deferred` tools, and resolves when it does, or is over. Meanwhile the
   * sandbox does nothing else. Is rejected only if nothing was run: everything else is in `result()`.
   */
  begin(handler: string, event?: unknown, options?: CallOptions): Promise<PendingInvocation>;
  /** The same for a program, whose names are its own. */
  beginRun(program: string, options?: ProgramOptions): Promise<PendingInvocation>;
  /** Goes on with the invocation that was waiting in the snapshot that the sandbox comes from. All its calls are open. */
  continue(options?: CallOptions): Promise<PendingInvocation>;
  /** Whether an invocation waits, or is to be gone on with. */
  get waits(): boolean;

  /** Loads one more handler, and keeps the state. */
  addHandler(name: string, source: string, options?: CallOptions): Promise<void>;

  /** Saves the state of now; also of an invocation that waits, which can be gone on with from it any number of times. */
  snapshot(options?: { signal?: AbortSignal }): Promise<Snapshot>;
  /** Goes back to a saved state, in microseconds; afterwards the sandbox is not poisoned. Ends an invocation that waits. */
  restore(snapshot: Snapshot, options?: { signal?: AbortSignal }): Promise<void>;

  /**
   * What is printed from now on, for `for await`, until the sandbox is disposed of. What is not read yet is kept up to `limit` (1 MiB); what
   * comes beyond is dropped, and the next item says how many bytes were.
   */
  output(options?: { limit?: Size; signal?: AbortSignal }): AsyncIterableIterator<Printed>;

  /** Ends what is running, and what waits. Does nothing if nothing is. */
  kill(): void;

  /** Something was cut short: restore a snapshot first. */
  get poisoned(): boolean;
  get disposed(): boolean;
  /** Of the latest call. */
  get usage(): Usage | undefined;

  /** Frees the cell when what was asked for before is over. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Printed {
  readonly level: 'print' | 'log' | 'info' | 'warn' | 'error' | 'debug';
  readonly text: string;
  /** Bytes that were printed before it and dropped. */
  readonly dropped: number;
}

/** A call of a `deferred` tool that has no answer yet. In what was saved while it waited, also one of another tool. */
export interface OpenCall {
  /** By which it is answered. */
  readonly id: number;
  /** As `tools` has it: `"approve"`, `"github.issues"`. */
  readonly tool: string;
  readonly arguments: any[];
}

/**
 * A call of a handler that may wait: for its tools and timers, which go on by themselves, and for answers to its open calls.
 * An unanswered one does not keep the process from ending, unless somebody awaits it.
 */
export declare class PendingInvocation {
  private constructor();
  /** Its name; empty for programs. */
  readonly handler: string;
  /** Whether it is over; then `result()` has what came of it. */
  get done(): boolean;
  /** Those that somebody has to answer, in the order in which they were made. */
  get openCalls(): OpenCall[];
  /** What it has used so far. */
  get usage(): Usage | undefined;
  /** Answers a call, and resolves when there are open calls again, or it is over. Another id than that of an open call is refused. */
  resume(id: number, value?: unknown): Promise<void>;
  /** Likewise, with an error that the guest can catch. */
  fail(id: number, error: unknown): Promise<void>;
  /** Resolves when there is an open call that was not there before, or it is over. A signal ends the waiting only. */
  next(options?: { signal?: AbortSignal }): Promise<void>;
  /** What `Sandbox.call()` would have given. */
  result(options?: { signal?: AbortSignal }): Promise<any>;
  /** Ends it, wherever it is: the sandbox is poisoned. */
  kill(): void;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What was waiting when a snapshot was taken. A file can claim anything. */
export interface SavedInvocation {
  readonly handler: string;
  readonly usage: Usage;
  readonly openCalls: OpenCall[];
  /** Until its next timer, from when it goes on. */
  readonly dueMs?: number;
}

/** Files that leave the machine should be signed: 16 secret bytes or more, 32 say. Another key's files are refused. */
export interface FileOptions {
  key?: Uint8Array;
  signal?: AbortSignal;
}

export interface SnapshotRequirements {
  hostModules: { module: string; functions: string[] }[];
}

/** A saved state: immutable, and cheap to hold. */
export declare class Snapshot {
  private constructor();
  get kind(): 'sandbox' | 'loaded_sandbox';
  get handlers(): string[];
  /** Bytes of memory that it holds. */
  get size(): number;
  get heapSize(): number;
  /** What a sandbox that starts from it needs of its host. */
  get requirements(): SnapshotRequirements;
  /** Saves it in a folder under a tag, and resolves to its digest: `sha256:...`. */
  save(folder: string, tag: string, options?: { signal?: AbortSignal }): Promise<string>;
  /** `verify: false` leaves out the digest, for folders that nobody else can write. */
  static load(folder: string, tagOrDigest: string, options?: { verify?: boolean; signal?: AbortSignal }): Promise<Snapshot>;
  /** What was waiting; undefined if nothing was. */
  get waiting(): SavedInvocation | undefined;

  /** A file, and bytes in memory: for the same build of Curfew only. */
  saveFile(file: string, options?: FileOptions): Promise<void>;
  static loadFile(file: string, options?: FileOptions): Promise<Snapshot>;
  toBuffer(options?: FileOptions): Promise<Buffer>;
  static fromBuffer(bytes: Uint8Array, options?: FileOptions): Promise<Snapshot>;
}

export type PoolOptions = (SandboxOptions | (Omit<SandboxOptions, 'handlers' | 'modules'> & { snapshot: Snapshot })) & {
  /** Sandboxes at most; as many as this machine has CPUs if nothing is said. */
  size?: number;
  /** Requests that may wait at one time; more are refused (`overloaded`). No bound if nothing is said. */
  queue?: number;
  /** How long a request may wait, before it is refused likewise. */
  wait?: Duration;
};

/** Sandboxes that all start in one state, and go back to it after every request: no request sees what another left behind. */
export declare class Pool {
  private constructor();
  static create(options?: PoolOptions): Promise<Pool>;
  get size(): number;
  run(program: string, options?: ProgramOptions): Promise<any>;
  call(handler: string, event?: unknown, options?: CallOptions): Promise<any>;
  /** Lends a sandbox until what `work` returns has settled. */
  use<T>(work: (sandbox: Sandbox) => T | Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
  /** Requests that wait are refused; sandboxes that are lent end when they come back. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

declare const api: {
  Sandbox: typeof Sandbox;
  Snapshot: typeof Snapshot;
  Pool: typeof Pool;
  PendingInvocation: typeof PendingInvocation;
  CurfewError: typeof CurfewError;
  blocking: typeof blocking;
  deferred: typeof deferred;
  toolSignal: typeof toolSignal;
  limits: typeof limits;
  version: typeof version;
};
export default api;
