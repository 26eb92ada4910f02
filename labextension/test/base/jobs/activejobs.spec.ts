import { ActiveJobs } from '../../../src/base/jobs/activejobs';

interface IJob {
  id: string;
  state: string;
}

const job = (id: string, state = 'running'): IJob => ({ id, state });
const second = (): Promise<void> => jest.advanceTimersByTimeAsync(1_000);

describe('active jobs', () => {
  let server: IJob[];
  let error: Error | null;
  let loads: number;
  let jobs: ActiveJobs<IJob>;
  let events: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    server = [job('a')];
    error = null;
    loads = 0;
    events = [];
    jobs = new ActiveJobs({
      isActive: ({ state }) => state === 'running',
      load: () => {
        loads += 1;
        return error
          ? Promise.reject(error)
          : Promise.resolve(server.filter(({ state }) => state === 'running'));
      },
      loadEnded: ({ id }) =>
        Promise.resolve(server.find(candidate => candidate.id === id) ?? null)
    });
    jobs.ended.connect((_, { id, state }) => events.push(`${id} ${state}`));
    jobs.lost.connect((_, id) => events.push(`${id} lost`));
    jobs.failed.connect((_, reason) => events.push(String(reason)));
  });

  afterEach(() => {
    jobs.dispose();
    jest.useRealTimers();
  });

  it('ask nothing before there is one, and follow it to its end', async () => {
    await second();
    expect(loads).toBe(0);
    jobs.note(server);
    await second();
    expect(loads).toBe(1);
    server = [job('a', 'done')];
    await second();
    expect(events).toEqual(['a done']);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(loads).toBe(2);
    expect(jobs.items).toEqual([]);
  });

  it('hear once of an end that a list tells first', async () => {
    jobs.note(server);
    server = [job('a', 'failed')];
    jobs.note(server);
    await second();
    expect(events).toEqual(['a failed']);
  });

  it.each(['ended', 'was forgotten'])(
    'are not what an answer says that was asked for before one %s',
    async how => {
      const answer = [job('a'), job('b')];
      let give = (): void => undefined;
      const late = new ActiveJobs<IJob>({
        isActive: ({ state }) => state === 'running',
        load: () => new Promise(resolve => (give = () => resolve(answer))),
        loadEnded: () => Promise.resolve(null)
      });
      late.note(answer);
      await second();
      if (how === 'ended') {
        late.note([job('a', 'cancelled')]);
      } else {
        late.forget('a');
      }
      give();
      await jest.advanceTimersByTimeAsync(1);
      expect(late.items.map(({ id }) => id)).toEqual(['b']);
      late.dispose();
    }
  );

  it('tell a job that was deleted elsewhere from one that has ended', async () => {
    jobs.note(server);
    server = [];
    await second();
    expect(events).toEqual(['a lost']);
    expect(jobs.find('a')).toBeUndefined();
  });

  it('find jobs that were started elsewhere, and forget one that was cancelled here', async () => {
    const onChanged = jest.fn();
    jobs.changed.connect(onChanged);
    await jobs.update();
    expect(jobs.items).toEqual(server);
    jobs.forget('a');
    expect(jobs.items).toEqual([]);
    expect(onChanged).toHaveBeenCalled();
  });

  it('ask more and more seldom while the server is away', async () => {
    jobs.note(server);
    error = new Error('away');
    await jest.advanceTimersByTimeAsync(20_000);
    expect(events.every(event => event === 'Error: away')).toBe(true);
    expect(loads).toBeLessThanOrEqual(5);
    error = null;
    await jest.advanceTimersByTimeAsync(30_000);
    const before = loads;
    await second();
    expect(loads).toBe(before + 1);
  });
});
