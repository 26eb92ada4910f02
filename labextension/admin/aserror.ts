/**
 * Any failure as one that a person can read.
 */
import { OrreryError } from '../src/base/errors';

export function asError(error: unknown): OrreryError {
  return error instanceof OrreryError
    ? error
    : new OrreryError({ message: 'This did not work', reason: String(error) });
}
