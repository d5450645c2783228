import { sum } from "./lib/sum.js";

export const add = ([a, b]) => sum(a, b);
