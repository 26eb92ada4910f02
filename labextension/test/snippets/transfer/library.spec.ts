import { toError } from '../../../src/base/errors';
import { LibrariesModel } from '../../../src/snippets/transfer/library';
import { made, MemoryClient } from '../fixtures';

describe('LibrariesModel', () => {
  let client: MemoryClient;
  let ready: jest.Mock;
  let model: LibrariesModel;

  beforeEach(() => {
    jest.useFakeTimers();
    client = new MemoryClient();
    ready = jest.fn();
    model = new LibrariesModel(client, ready);
  });
  afterEach(() => {
    model.stop();
    jest.useRealTimers();
  });

  it('knows none before it asks', async () => {
    expect(model.items).toBeNull();
    await model.load();
    expect(model.items).toEqual([]);
    expect(model.busy).toBe(false);
  });

  it('watches a refresh to its end, and says so once', async () => {
    client.libs = [made('team')];
    await model.load();
    await model.refresh('team');
    expect(model.busy).toBe(true);
    await jest.advanceTimersByTimeAsync(1_500);
    expect(ready).not.toHaveBeenCalled();
    client.libs[0].state = 'ready';
    await jest.advanceTimersByTimeAsync(3_000);
    expect(model.busy).toBe(false);
    expect(ready).toHaveBeenCalledTimes(1);
  });

  it('cancels, adds and removes', async () => {
    await model.add({ name: 'team', url: 'https://git.example.org/team.git' });
    expect(model.busy).toBe(true);
    await model.cancel('team');
    expect(model.busy).toBe(false);
    await model.remove('team');
    expect(model.items).toEqual([]);
    expect(ready).toHaveBeenCalled();
  });

  it('says why it does not know, and knows again later', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await model.load();
    expect(model.error).toBe(client.error);
    await expect(model.add({ name: 'x', url: 'y' })).rejects.toThrow('Gone');
    client.error = null;
    await model.load();
    expect(model.error).toBeNull();
  });
});
