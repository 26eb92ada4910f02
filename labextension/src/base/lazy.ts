/**
 * Parts of Orrery that are loaded when they are first used.
 */
import { toError } from './errors';

/**
 * A part, once it is there.
 *
 * Rejects with an `OrreryError` when it cannot be had: the server is gone, or has another version by now.
 */
export async function loaded<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    throw toError({
      code: 'network_down',
      message: 'A part of Orrery could not be loaded',
      reason: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Reload the page; if it stays, check that your server runs.'
    });
  }
}
