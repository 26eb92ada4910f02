/**
 * What is known of toys here.
 */
import type { Toy } from './schemas';

/** A toy of a colour. */
export function toyOf(colour: string): Toy {
  return { colour, name: `A ${colour} toy` };
}
