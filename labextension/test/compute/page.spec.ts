import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { toError } from '../../src/base/errors';
import type { IAllowance } from '../../src/compute/allowance';
import type { ComputeModel } from '../../src/compute/model';
import { ServerPage } from '../../src/compute/page/view';
import { ComputeStatus } from '../../src/compute/status';
import {
  inMinutes,
  MemoryAllowance,
  MemoryClient,
  modelOf,
  notice,
  offer,
  ticket,
  WHEN
} from './fixtures';

const trans = nullTranslator.load('orrery');

let client: MemoryClient;
let model: ComputeModel;
let ran: [string, ReadonlyPartialJSONObject][];
let widget: Widget;

beforeEach(() => {
  client = new MemoryClient();
  ran = [];
});

afterEach(() => {
  widget.dispose();
  model.dispose();
});

async function show(
  allowance: IAllowance | null = null,
  isAtHub = true
): Promise<void> {
  const commands = new CommandRegistry();
  for (const id of ['move', 'claim', 'cancel', 'stop', 'extend', 'ask-for-more']) {
    commands.addCommand(`compute:${id}`, {
      execute: args => void ran.push([id, args])
    });
  }
  model = modelOf(client, allowance, isAtHub);
  widget = new ServerPage({ commands, compute: model, trans });
  Widget.attach(widget, document.body);
  await drawn();
}

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 30));
  await framePromise();
}

const text = (): string => widget.node.textContent ?? '';

function press(label: string): void {
  const all = [...widget.node.querySelectorAll('button')];
  const match = all.find(node =>
    [node.getAttribute('aria-label'), node.textContent].includes(label)
  );
  expect(match).toBeDefined();
  match!.click();
}

it('explains itself in a lab without a hub', async () => {
  await show(null, false);
  expect(text()).toContain('This lab runs without a hub');
  expect(client.asked).toEqual([]);
});

it('shows this server, with what it has and what can be done', async () => {
  await show();
  for (const words of [
    'Default server',
    'Pool Training',
    'Profile Profile one',
    '1 device · 8 CPUs · 64 GiB memory',
    'Nothing is waiting.'
  ]) {
    expect(text()).toContain(words);
  }
  press('Move or Resize…');
  press('Stop…');
  expect(ran).toEqual([
    ['move', {}],
    ['stop', {}]
  ]);
  expect(text()).not.toContain('Uses');
  expect(text()).not.toContain('Budget');
});

it('says why this server ended and why another did not start', async () => {
  const reason = 'The server was ended because it took more memory than it may have.';
  const failure = { reason, remedy: 'Choose a profile with more memory.', at: WHEN };
  client.choices = {
    ...client.choices,
    failures: [
      { ...failure, server: 'big', is_start: true },
      { ...failure, server: '', is_start: false },
      // It runs now.
      { ...failure, server: 'gpu', is_start: true }
    ]
  };
  await show();
  expect(text().match(/took more memory/g)).toHaveLength(2);
  expect(text()).toContain('It ended by itself');
  expect(text()).toMatch(/Failedbig.*Choose a profile.*did not start/);
});

it('says that servers just start where no profile is declared', async () => {
  client.choices = { ...client.choices, is_required: false, profiles: [] };
  client.leases = [];
  await show();
  expect(text()).toContain('servers start as they are');
  expect(text()).not.toContain('Move or Resize');
  expect(text()).not.toContain('Queue');
});

it('shows requests with place, range and cause, to claim and to cancel', async () => {
  client.tickets = [offer(8, { auto_claim: true }), ticket(7)];
  await show();
  for (const words of [
    'Place 3, expected in 5 min to 20 min',
    'All devices are in use. Wait, or choose another pool.',
    'Claim it until',
    'starts without asking'
  ]) {
    expect(text()).toContain(words);
  }
  press('Claim 2 devices of Training');
  press('Cancel Request 2 devices of Training');
  expect(ran).toEqual([
    ['claim', { ticket: 8 }],
    ['cancel', { ticket: 8 }]
  ]);
});

it('shows what the hub tells in full, until it is dismissed', async () => {
  const long = 'Read this. '.repeat(60).trim();
  client.told = [
    notice(1),
    notice(2, {
      kind: 'message',
      level: 'info',
      message: long,
      action: '',
      deadline: null
    }),
    notice(3, {
      kind: 'budget',
      message: 'Little is left',
      action: 'request',
      subject: '4'
    })
  ];
  await show(new MemoryAllowance());
  expect(text()).toContain(long);
  expect(text()).toContain('Little is left.');
  // An offer is among the requests.
  expect(text()).not.toContain('A device of Training is yours');
  press('Ask for More…');
  expect(ran).toEqual([['ask-for-more', { budget: 4 }]]);
  press(`Dismiss ${long}`);
  await drawn();
  expect(text()).not.toContain(long);
  client.error = toError({ code: 'network_down', message: 'The hub is away' });
  press('Dismiss Little is left');
  await drawn();
  expect(text()).toContain('Little is left');
});

it('shows the other servers, to open and to stop', async () => {
  await show();
  const link = widget.node.querySelector<HTMLAnchorElement>('a');
  expect(link?.getAttribute('href')).toContain('/user/ada/gpu');
  press('Stop… gpu');
  expect(ran).toEqual([['stop', { server: 'gpu' }]]);
});

it('shows use, budget and the end of an idle server where they are offered', async () => {
  const allowance = new MemoryAllowance();
  await show(allowance);
  for (const words of [
    'devices 84 % · 1.5 CPUs · 2.0 GiB memory',
    '12.5 of 100 device hours left',
    'used up in 12.5 h as things are',
    'stopped in 12 min'
  ]) {
    expect(text()).toContain(words);
  }
  press('Extend (2 times left)');
  press('Ask for More… 12.5 of 100 device hours left');
  expect(ran).toEqual([
    ['extend', {}],
    ['ask-for-more', { budget: 4 }]
  ]);
});

it('says what is out of reach, and asks again', async () => {
  await show();
  client.error = toError({ code: 'network_down', message: 'The hub is away' });
  await model.refresh();
  await drawn();
  expect(text()).toContain('The hub is away');
  expect(text()).toContain('Pool Training');
  client.error = null;
  press('Try Again');
  await drawn();
  expect(text()).not.toContain('The hub is away');
});

describe('the item of the status bar', () => {
  async function showItem(allowance: IAllowance | null = null): Promise<void> {
    model = modelOf(client, allowance);
    widget = new ComputeStatus({
      compute: model,
      trans,
      isDetailed: () => true,
      onClick: () => ran.push(['open', {}])
    });
    Widget.attach(widget, document.body);
    await drawn();
    await model.refresh();
    await drawn();
  }

  it('is not there where there is nothing to say', async () => {
    client.leases = [];
    await showItem();
    expect(widget.node.querySelector('button')).toBeNull();
  });

  it('counts down to maintenance', async () => {
    const planned = { kind: 'maintenance', action: '', subject: 'm' } as const;
    client.told = [notice(1, { ...planned, deadline: inMinutes(90) })];
    await showItem();
    const said = (): string => widget.node.querySelector('button')!.title;
    expect(said()).not.toContain('maintenance');
    client.told = [notice(1, { ...planned, deadline: inMinutes(12) })];
    await model.refresh();
    await drawn();
    expect(said()).toContain('maintenance in 12 min');
  });

  it('says all on hover, and opens the tab', async () => {
    const allowance = new MemoryAllowance();
    allowance.cullAt = inMinutes(5);
    client.told = [notice(1)];
    await showItem(allowance);
    const button = widget.node.querySelector('button')!;
    expect(button.title).toContain('Training · device 84 % · 2.0 GiB');
    expect(button.title).toContain('stops in 5 min');
    expect(button.dataset.state).toBe('urgent');
    button.click();
    expect(ran).toEqual([['open', {}]]);
  });
});
