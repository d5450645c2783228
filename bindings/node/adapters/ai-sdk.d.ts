// Types of curfew/ai-sdk, by the shape of the Executor in @cloudflare/codemode.
import type { AdapterOptions } from './shared.js';

type Functions = Record<string, (...args: any[]) => unknown>;

export interface Executor {
  /** Never throws: what fails is in `error`. */
  execute(
    code: string,
    providersOrFunctions: { name: string; fns: Functions; prelude?: string }[] | Functions,
    options?: {
      connectors?: { name: string; binding: { callTool(method: string, args: unknown): Promise<unknown> } }[];
      signal?: AbortSignal;
    },
  ): Promise<{ result: unknown; error?: string; logs?: string[] }>;
}

/** For `createCodeTool({ tools, executor })`, or a tool of your own. Each program has a sandbox of its own. */
export declare function createExecutor(options?: AdapterOptions): Executor;
