/**
 * Promises with a time limit.
 */

/** The value of a promise if it comes within `limitMs`; undefined when it takes longer or rejects. */
export async function withTimeout<T>(
  promise: Promise<T>,
  limitMs: number
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise.catch(() => undefined), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
