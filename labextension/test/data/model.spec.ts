import { toError } from '../../src/base/errors';
import { TreeModel, type INode } from '../../src/data/model';
import { PlaceStore } from '../../src/data/places';
import { ancestors, nameOfPath, parentOf } from '../../src/data/path';
import { bytes } from '../../src/data/sizes';
import { entry, folder, location, Server } from './fixtures';

let server: Server;
let model: TreeModel;

beforeEach(async () => {
  server = new Server();
  server.pages.set('a:', [folder('x'), entry('1'), entry('2'), entry('3')]);
  server.pages.set('a:x', [entry('x/deep')]);
  model = new TreeModel(server.client);
  await model.open();
});

afterEach(() => model.dispose());

const shown = (): string[] =>
  Array.from({ length: model.total }, (_, index) => {
    const row = model.at(index)!;
    const name =
      row.kind === 'node' ? (row.entry?.name ?? row.location.title) : row.kind;
    return `${row.level} ${name}`;
  });
const node = (index: number): INode => model.at(index) as INode;
const turn = (ms = 0): Promise<void> => new Promise(done => setTimeout(done, ms));

it('opens a location page by page', async () => {
  expect(shown()).toEqual(['1 a', '1 b']);
  await model.expand(node(0), true);
  expect(shown()).toEqual(['1 a', '2 x', '2 1', '2 more', '1 b']);
  model.setVisible(3, 3);
  await turn();
  expect(shown()).toEqual(['1 a', '2 x', '2 1', '2 2', '2 3', '1 b']);
  expect(server.asked.at(-1)?.page_token).toBe('2');
});

it('opens what is below, and closes all of it', async () => {
  await model.expand(node(0), true);
  await model.expand(node(1), true);
  expect(shown()).toEqual(['1 a', '2 x', '3 deep', '2 1', '2 more', '1 b']);
  expect(model.indexOf(node(2).parent)).toBe(1);
  await model.expand(node(0), false);
  expect(shown()).toEqual(['1 a', '1 b']);
  await model.expand(node(0), true);
  expect(shown()).toEqual(['1 a', '2 x', '2 1', '2 more', '1 b']);
});

it('says why nothing can be seen, and tries again', async () => {
  server.failure = toError({ code: 'forbidden', message: 'No' });
  await model.expand(node(0), true);
  expect(shown()).toEqual(['1 a', '2 failed', '1 b']);
  server.failure = null;
  await model.reload(node(0).key);
  expect(shown()[1]).toBe('2 x');
});

it('says that there is nothing in it', async () => {
  await model.expand(node(1), true);
  expect(shown()).toEqual(['1 a', '1 b', '2 empty']);
});

it('asks the server for names that hold or begin with a text', async () => {
  await model.expand(node(0), true);
  model.filter('2');
  await turn(250);
  expect(shown()).toEqual(['1 a', '2 2']);
  expect(server.asked.at(-1)).toMatchObject({ filter: '2', page_token: '' });
  model.filter('3', true);
  await turn(250);
  expect(server.asked.at(-1)).toMatchObject({ prefix: '3' });
  expect(shown()).toEqual(['1 a', '2 3']);
});

it('shows one folder as the top, and goes back', async () => {
  const [a] = server.locations;
  await model.enter({ location: a, path: 'x' });
  expect(shown()).toEqual(['1 deep']);
  expect(server.asked.at(-1)?.path).toBe('x');
  await model.enter(null);
  expect(shown()).toEqual(['1 a', '1 b']);
});

it('asks only for what begins as a thing does to show it', async () => {
  await model.reveal(server.locations[0], '3');
  await turn(250);
  expect(server.asked.at(-1)).toMatchObject({ prefix: '3', path: '' });
  expect(shown()).toEqual(['1 3']);
});

it('gives up what is hidden, and goes on when it is seen', async () => {
  let aborted = 0;
  const { entries } = server.client;
  server.client.entries = (query, signal) =>
    new Promise((done, fail) => {
      signal?.addEventListener('abort', () => {
        aborted += 1;
        fail(toError({ code: 'cancelled', message: '' }));
      });
      setTimeout(() => done(entries(query)), 30);
    });
  void model.expand(node(0), true);
  model.pause();
  await turn();
  expect(aborted).toBe(1);
  expect(shown()).toEqual(['1 a', '2 loading', '1 b']);
  await model.open();
  await turn(60);
  expect(shown()[1]).toBe('2 x');
});

it('closes what is below a location that is gone', async () => {
  await model.expand(node(0), true);
  server.locations = [location('b')];
  await model.refresh();
  expect(shown()).toEqual(['1 b']);
});

it('opens nothing that the person may not use, and no file', async () => {
  server.locations = [location('a', { may_use: false })];
  await model.refresh();
  expect(model.isExpandable(node(0))).toBe(false);
  await model.expand(node(0), true);
  expect(shown()).toEqual(['1 a']);
});

it('remembers favourites and what was opened last', () => {
  const places = new PlaceStore(null);
  const place = { location: 'a', path: 'x', name: 'x', kind: 'folder' };
  places.toggle(place);
  expect(places.isFavourite({ location: 'a', path: 'x' })).toBe(true);
  places.toggle({ ...place, name: 'renamed' });
  expect(places.favourites).toEqual([]);
  for (let n = 0; n < 20; n++) {
    places.note({ ...place, path: `${n}` });
  }
  places.note({ ...place, path: '15' });
  expect(places.recent.map(({ path }) => path).slice(0, 3)).toEqual(['15', '19', '18']);
  expect(places.recent.length).toBe(8);
  places.forget('a');
  expect(places.recent).toEqual([]);
});

it('takes paths apart', () => {
  expect(parentOf('a/b/c')).toBe('a/b');
  expect(parentOf('a')).toBe('');
  expect(ancestors('a/b')).toEqual(['a', 'a/b']);
  expect(nameOfPath({ kind: 'database' }, 's/a%2Fb')).toBe('a/b');
  expect(nameOfPath({ kind: 'store' }, 's/a%2Fb')).toBe('a%2Fb');
  expect([bytes(0), bytes(1023), bytes(1536), bytes(5 * 2 ** 30)]).toEqual([
    '0 B',
    '1,023 B',
    '1.5 KiB',
    '5 GiB'
  ]);
});
