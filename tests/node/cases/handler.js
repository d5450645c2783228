// Run in a cell: the cases of the file that the event names.
import { evaluate } from './evaluate.js';

export const handler = (file) => evaluate(file);
