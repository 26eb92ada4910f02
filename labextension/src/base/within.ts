/** What a promise gives within `limit` milliseconds; undefined when it takes longer or fails. */
export async function within<T>(
  promise: Promise<T>,
  limit: number
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), limit);
  });
  try {
    return await Promise.race([promise.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
