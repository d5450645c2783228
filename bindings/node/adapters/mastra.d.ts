// Types of curfew/mastra, by the shape of @mastra/core's CodeModeTransport.
import type { AdapterOptions } from './shared.js';

export interface Transport {
  readonly requiresSandbox: false;
  run(options: {
    program: string;
    toolIds: string[];
    dispatch: (tool: string, args: unknown) => Promise<unknown>;
    timeout: number;
    abortSignal?: AbortSignal;
    onExternalCall?: (tool: string, args: unknown) => void;
    onExternalResult?: (tool: string, durationMs: number, error?: unknown) => void;
    [more: string]: unknown;
  }): Promise<{
    success: boolean;
    result?: unknown;
    logs?: string[];
    error?: { message: string; name?: string; line?: number };
  }>;
}

/** For `createCodeMode({ tools }, transport)`. Each program has a sandbox of its own. */
export declare function createTransport(options?: AdapterOptions): Transport;
