// Types of curfew/tanstack, by the shape of @tanstack/ai-code-mode's IsolateDriver.
import type { AdapterOptions } from './shared.js';

export interface Driver {
  createContext(config: {
    bindings: Record<string, { execute: (args: unknown, context?: any) => Promise<unknown> }>;
    /** Milliseconds of wall-clock time for each execution. */
    timeout?: number;
    /** MiB of the guest's heap. */
    memoryLimit?: number;
  }): Promise<{
    execute<T = unknown>(code: string): Promise<{
      success: boolean;
      value?: T;
      error?: { name: string; message: string; stack?: string; code?: string };
      logs?: string[];
    }>;
    dispose(): Promise<void>;
  }>;
}

/** For `createCodeMode({ driver, tools })`. Each context is a sandbox of its own. */
export declare function createDriver(options?: AdapterOptions): Driver;
