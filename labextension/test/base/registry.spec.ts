import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { Cancelled, Invalid, toError } from '../../src/base/errors';
import { register } from '../../src/base/registry';

const trans = nullTranslator.load('orrery');

let commands: CommandRegistry;
const run = jest.fn();

beforeEach(() => {
  Notification.dismiss();
  run.mockReset().mockResolvedValue('done');
  commands = new CommandRegistry();
  register(commands, trans, {
    'test:run': {
      label: 'Run',
      caption: 'Run it',
      args: {
        slug: { type: ['string', 'null'] },
        by: { type: 'string', enum: ['name', 'use'] },
        names: { type: 'array', items: { type: 'string' } },
        source: {
          type: 'object',
          required: ['location'],
          properties: { location: { type: 'string' } }
        }
      },
      run
    },
    'test:undo': {
      label: 'Undo',
      caption: 'Undo it',
      args: { slug: { type: 'string' } },
      required: ['slug'],
      run
    }
  });
});

const messages = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message);

it.each([
  {},
  { slug: null },
  { slug: undefined },
  { by: 'use', names: ['a'], source: { location: '/a' } },
  { isPalette: true, isLauncher: true, cwd: '/', toolbar: true, slug: 'a' },
  { _luminoEvent: { type: 'keybinding', keys: ['A'] } }
])('runs with %j', async args => {
  expect(await commands.execute('test:run', args as never)).toBe('done');
  expect(run).toHaveBeenCalledTimes(1);
});

it.each([
  [{ slug: 1 }, 'slug'],
  [{ by: 'size' }, 'by'],
  [{ names: ['a', 2] }, 'names'],
  [{ source: { path: 'a' } }, 'location'],
  [{ source: 'a' }, 'source'],
  [{ project: 'a' }, 'project']
])('refuses %j and names %s', async (args, name) => {
  await expect(commands.execute('test:run', args as never)).rejects.toBeInstanceOf(
    Invalid
  );
  expect(run).not.toHaveBeenCalled();
  expect(messages()).toEqual([expect.stringContaining('"test:run"')]);
  expect(messages()[0]).toContain(name);
});

it('refuses to run without what it cannot do without', async () => {
  await expect(commands.execute('test:undo')).rejects.toThrow('test:undo');
  expect(run).not.toHaveBeenCalled();
});

it('describes its arguments as it checks them', async () => {
  expect((await commands.describedBy('test:undo')).args).toEqual({
    type: 'object',
    properties: { slug: { type: 'string' } },
    required: ['slug'],
    additionalProperties: false
  });
});

it('rejects when it fails, and the person is told once', async () => {
  const failure = toError({ code: 'conflict', message: 'Taken' });
  run.mockRejectedValue(failure);
  await expect(commands.execute('test:run')).rejects.toBe(failure);
  await expect(commands.execute('test:run')).rejects.toBe(failure);
  expect(messages()).toEqual(['Taken.']);
});

it('rejects without a word when the person cancelled', async () => {
  run.mockRejectedValue(new Cancelled({ message: 'Cancelled' }));
  await expect(commands.execute('test:run')).rejects.toBeInstanceOf(Cancelled);
  expect(messages()).toEqual([]);
});

it('keeps what the person was told of out of the console, and nothing else', async () => {
  run.mockRejectedValue(new Error('Told'));
  await expect(commands.execute('test:run')).rejects.toThrow('Told');
  const rejection = (reason: unknown): Event =>
    Object.assign(new Event('unhandledrejection', { cancelable: true }), { reason });
  const failure: unknown = await commands.execute('test:run').catch((e: unknown) => e);
  expect(window.dispatchEvent(rejection(failure))).toBe(false);
  expect(window.dispatchEvent(rejection(new Error('Another')))).toBe(true);
});
