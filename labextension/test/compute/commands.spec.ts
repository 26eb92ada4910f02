import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { executeOwn } from '../../src/base/registry';
import { addCommands, CommandIDs, type IOpener } from '../../src/compute/commands';
import type { ComputeModel } from '../../src/compute/model';
import type { TicketIn } from '../../src/compute/schemas';
import {
  budget,
  MemoryAllowance,
  MemoryClient,
  modelOf,
  offer,
  options,
  ticket
} from './fixtures';

const trans = nullTranslator.load('orrery');

let allowance: MemoryAllowance;
let chosen: TicketIn | null;
let client: MemoryClient;
let commands: CommandRegistry;
let isConfirmed: boolean;
let log: string[];
let model: ComputeModel;

beforeEach(async () => {
  Notification.dismiss();
  allowance = new MemoryAllowance();
  chosen = null;
  client = new MemoryClient();
  commands = new CommandRegistry();
  isConfirmed = true;
  log = [];
  await use(modelOf(client, allowance));
});

async function use(compute: ComputeModel): Promise<void> {
  model = compute;
  await model.refresh();
  commands = new CommandRegistry();
  const note = <T>(what: string, answer: T): Promise<T> => {
    log.push(what);
    return Promise.resolve(answer);
  };
  const opener: IOpener = {
    open: () => {
      log.push('open');
      return new Widget();
    },
    chooseProfile: () => note('choose', chosen),
    askForMore: ({ id }) => note(`ask ${id}`, isConfirmed),
    confirmMove: ({ id }) => note(`confirm ${id}`, isConfirmed),
    confirmStop: name => note(`confirm ${name ?? 'this server'}`, isConfirmed),
    saveAll: () => note('save', undefined),
    leave: () => void log.push('leave')
  };
  addCommands({ commands, compute: model, opener, trans });
}

const messages = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message);

it.each(Object.values(CommandIDs))(
  '%s has a label, a caption and arguments',
  async id => {
    expect(commands.label(id)).not.toBe('');
    expect(commands.caption(id)).not.toBe('');
    const { args } = await commands.describedBy(id);
    expect(args).toMatchObject({ type: 'object' });
  }
);

describe(CommandIDs.move, () => {
  it('requests the profile that it is told', async () => {
    const args = { profile: 'two', project: 'churn' };
    expect(await executeOwn(commands, CommandIDs.move, args)).toBe(21);
    expect(client.requests).toEqual([
      { options: options('two', { project: 'churn' }), auto_claim: false }
    ]);
    expect(log).toEqual(['open']);
  });

  it('saves before the server may be started anew', async () => {
    await executeOwn(commands, CommandIDs.move, { profile: 'two', start: true });
    expect(log).toEqual(['save', 'open']);
  });

  it('lets the person choose, and does nothing on a cancel', async () => {
    expect(await executeOwn(commands, CommandIDs.move)).toBeNull();
    expect(client.requests).toEqual([]);
    chosen = { options: options('one'), auto_claim: true };
    await executeOwn(commands, CommandIDs.move);
    expect(client.requests).toEqual([chosen]);
  });

  it('is there only where profiles are declared', async () => {
    expect(commands.isEnabled(CommandIDs.move)).toBe(true);
    client.choices = { ...client.choices, is_required: false };
    await model.refresh();
    expect(commands.isEnabled(CommandIDs.move)).toBe(false);
  });
});

describe(CommandIDs.claim, () => {
  it('asks and saves before this server is started anew', async () => {
    client.tickets = [ticket(6), offer(7)];
    await model.refresh();
    expect(await executeOwn(commands, CommandIDs.claim)).toBe(7);
    expect(log).toEqual(['confirm 7', 'save']);
  });

  it('claims nothing when the person thinks again', async () => {
    client.tickets = [offer(7)];
    await model.refresh();
    isConfirmed = false;
    expect(await executeOwn(commands, CommandIDs.claim, { ticket: 7 })).toBeNull();
    expect(client.asked).not.toContain('claim 7');
  });

  it('starts another server without a question', async () => {
    client.tickets = [offer(7, { is_move: false, server_name: 'gpu' })];
    await model.refresh();
    await executeOwn(commands, CommandIDs.claim);
    expect(log).toEqual([]);
    expect(client.asked).toContain('claim 7');
  });

  it('says when it is not clear which is meant', async () => {
    expect(commands.isEnabled(CommandIDs.claim)).toBe(false);
    await expect(executeOwn(commands, CommandIDs.claim, { ticket: 3 })).rejects.toThrow(
      'no such request'
    );
    client.tickets = [offer(7), offer(8)];
    await model.refresh();
    await expect(executeOwn(commands, CommandIDs.claim)).rejects.toThrow('not clear');
  });
});

it('cancels the only request, or the one that is named', async () => {
  expect(commands.isEnabled(CommandIDs.cancel)).toBe(false);
  client.tickets = [ticket(5)];
  await model.refresh();
  expect(await executeOwn(commands, CommandIDs.cancel)).toBe(5);
  client.tickets = [ticket(5), ticket(6)];
  await model.refresh();
  expect(await executeOwn(commands, CommandIDs.cancel, { ticket: 6 })).toBe(6);
});

describe(CommandIDs.stop, () => {
  it('saves before this server is stopped, by whatever name', async () => {
    for (const args of [{}, { server: '' }]) {
      log = [];
      expect(await executeOwn(commands, CommandIDs.stop, args)).toBe(true);
      expect(log).toEqual(['confirm this server', 'save', 'leave']);
    }
    expect(client.asked.filter(name => name === 'stop null')).toHaveLength(2);
  });

  it('stops another, and leaves all as it is on a cancel', async () => {
    await executeOwn(commands, CommandIDs.stop, { server: 'gpu' });
    expect(log).toEqual(['confirm gpu']);
    expect(client.asked).toContain('stop "gpu"');
    isConfirmed = false;
    client.asked = [];
    expect(await executeOwn(commands, CommandIDs.stop)).toBe(false);
    expect(client.asked).toEqual([]);
  });
});

describe('budgets and limits for idle servers', () => {
  it('are extended while that can be done', async () => {
    expect(commands.isEnabled(CommandIDs.extend)).toBe(true);
    expect(await executeOwn(commands, CommandIDs.extend)).toBe(60);
    expect(messages()[0]).toContain('60 min');
    allowance.extensions = 0;
    await model.refresh();
    expect(commands.isEnabled(CommandIDs.extend)).toBe(false);
  });

  it('are asked for: the one that is used up first, or the one that is named', async () => {
    allowance.budgetsNow = [budget({ id: 3, percent: 10 }), budget({ percent: 99 })];
    await model.refresh();
    expect(await executeOwn(commands, CommandIDs.askForMore)).toBe(4);
    await executeOwn(commands, CommandIDs.askForMore, { budget: 3 });
    expect(log).toEqual(['ask 4', 'ask 3']);
    await expect(
      executeOwn(commands, CommandIDs.askForMore, { budget: 9 })
    ).rejects.toThrow('no such budget');
    isConfirmed = false;
    expect(await executeOwn(commands, CommandIDs.askForMore)).toBeNull();
  });

  it('are not in sight where the server does not offer them', async () => {
    await use(modelOf(client));
    for (const id of [CommandIDs.extend, CommandIDs.askForMore]) {
      expect([commands.isVisible(id), commands.isEnabled(id)]).toEqual([false, false]);
    }
  });
});

it('asks the hub again', async () => {
  client.asked = [];
  await executeOwn(commands, CommandIDs.refresh);
  expect(client.asked).toContain('launchChoices');
  await executeOwn(commands, CommandIDs.open);
  expect(log).toEqual(['open']);
});
