import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { Cancelled, Invalid, toError } from '../../src/base/errors';
import { executeOwn, register } from '../../src/base/registry';

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
      guard: 'shows',
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
      guard: 'asks',
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

describe('the arguments of a link', () => {
  const spend = { profile: 'a100x8', start: true };
  const dialog = (): HTMLElement | null => document.querySelector('.jp-Dialog');
  const answer = async (label: string): Promise<void> => {
    for (let turn = 0; turn < 50 && !dialog(); turn++) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    const buttons = [...dialog()!.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === label)!.click();
  };

  beforeEach(() => {
    register(commands, trans, {
      'test:move': {
        label: 'Move Server',
        caption: 'Move it',
        args: {
          profile: { type: 'string' },
          start: { type: 'boolean' },
          format: { type: 'string' }
        },
        guard: ['profile', 'start'],
        run
      }
    });
  });

  it.each([
    spend,
    { profile: 'a100x8' },
    { start: false },
    // Nothing that a link can say makes it something else.
    { ...spend, isMenu: true, isPalette: true, toolbar: true },
    { ...spend, _luminoEvent: { type: 'keybinding', keys: ['A'] } }
  ])('are asked about: %j', async args => {
    const execution = commands.execute('test:move', args);
    await answer('Cancel');
    expect(await execution).toBeNull();
    expect(run).not.toHaveBeenCalled();
  });

  it('are shown with the question, and do what the person agrees to', async () => {
    const execution = commands.execute('test:move', spend);
    for (let turn = 0; turn < 50 && !dialog(); turn++) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(dialog()!.textContent).toContain('Run "Move Server"?');
    expect(dialog()!.textContent).toContain('profile = "a100x8", start = true');
    await answer('Run');
    expect(await execution).toBe('done');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([{}, { format: 'html' }])('that change nothing are not: %j', async args => {
    expect(await commands.execute('test:move', args)).toBe('done');
    expect(dialog()).toBeNull();
  });

  it('are no question where a control of Orrery says what it does', async () => {
    expect(await executeOwn(commands, 'test:move', spend)).toBe('done');
    expect(dialog()).toBeNull();
    // Only that execution: the next one may be a link's.
    const execution = commands.execute('test:move', spend);
    await answer('Cancel');
    expect(await execution).toBeNull();
  });

  it('are what every command has to decide on', () => {
    const command = { label: 'A', caption: 'A', args: { id: {} }, run };
    expect(() => register(commands, trans, { 'test:undecided': command })).toThrow(
      'does not say what a link could do'
    );
  });
});
