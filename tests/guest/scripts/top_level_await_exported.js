// result: 3
export const value = await new Promise((resolve) => queueMicrotask(() => resolve(3)));
export const handler = () => value;
