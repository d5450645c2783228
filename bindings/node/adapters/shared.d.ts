import type { SandboxOptions } from '../curfew.js';

/** Of the sandboxes that an adapter makes. Its limits come before those that its caller asks for. */
export type AdapterOptions = Pick<SandboxOptions, 'engine' | 'heap' | 'stack' | 'limits' | 'monitors' | 'outputLimit' | 'argumentLimit'>;
