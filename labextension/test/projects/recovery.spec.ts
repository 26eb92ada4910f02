import { toError } from '../../src/base/errors';
import { ProjectsModel } from '../../src/projects/model';
import { recover } from '../../src/projects/recovery';
import { MemoryClient, project } from './made';

const MINUTE = 60_000;

let client: MemoryClient;
let model: ProjectsModel;

beforeEach(async () => {
  jest.useFakeTimers();
  client = new MemoryClient(project('one'));
  model = new ProjectsModel(client);
  recover(model);
  await model.refresh();
  client.asked.length = 0;
});

afterEach(() => jest.useRealTimers());

it('asks nothing while the server answers', async () => {
  await jest.advanceTimersByTimeAsync(10 * MINUTE);
  expect(client.asked).toEqual([]);
});

it('asks again until the server answers, then no more', async () => {
  client.error = toError({ code: 'network_down', message: 'Gone' });
  model.lost(client.error);
  await jest.advanceTimersByTimeAsync(5 * MINUTE);
  expect(model.state).toBe('failed');
  expect(client.asked.length).toBeGreaterThan(3);
  expect(client.asked.length).toBeLessThan(60);
  client.error = null;
  await jest.advanceTimersByTimeAsync(2 * MINUTE);
  expect(model.state).toBe('ready');
  const asked = client.asked.length;
  await jest.advanceTimersByTimeAsync(10 * MINUTE);
  expect(client.asked).toHaveLength(asked);
});

it('asks nothing about a refusal: that does not mend itself', async () => {
  client.error = toError({ code: 'forbidden', message: 'No' });
  await model.refresh();
  await jest.advanceTimersByTimeAsync(10 * MINUTE);
  expect(client.asked).toEqual(['current']);
});

it('asks at once when the browser is online again', async () => {
  client.error = toError({ code: 'network_down', message: 'Gone' });
  model.lost(client.error);
  client.error = null;
  window.dispatchEvent(new Event('online'));
  await jest.advanceTimersByTimeAsync(0);
  expect(model.state).toBe('ready');
});
