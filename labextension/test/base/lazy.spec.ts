import { NetworkDown } from '../../src/base/errors';
import { loaded } from '../../src/base/lazy';

describe('loaded', () => {
  it('gives the part', async () => {
    expect(await loaded(Promise.resolve(3))).toBe(3);
  });

  it('says what to do when a part is not there', async () => {
    const missing = loaded(Promise.reject(new Error('Loading chunk 7 failed')));
    await expect(missing).rejects.toBeInstanceOf(NetworkDown);
    await expect(missing).rejects.toMatchObject({
      reason: 'Loading chunk 7 failed',
      remedy: expect.stringContaining('Reload the page') as string
    });
  });
});
