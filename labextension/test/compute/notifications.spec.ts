import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import type { ComputeModel } from '../../src/compute/model';
import { NoticeNotifications } from '../../src/compute/notifications';
import { inMinutes, MemoryClient, modelOf, notice } from './fixtures';

const trans = nullTranslator.load('orrery');
const open = jest.fn();
const run = jest.fn();

let client: MemoryClient;
let isEnabled: boolean;
let model: ComputeModel;
let notifications: NoticeNotifications;

beforeEach(() => {
  Notification.dismiss();
  open.mockClear();
  run.mockClear();
  client = new MemoryClient();
  isEnabled = true;
  model = modelOf(client);
  notifications = new NoticeNotifications({
    compute: model,
    trans,
    isEnabled: () => isEnabled,
    commandOf: ({ action, subject }) =>
      action === 'claim'
        ? { command: 'claim', args: { ticket: Number(subject) }, label: 'Claim' }
        : null,
    run,
    open
  });
});

afterEach(() => notifications.dispose());

const shown = (): Notification.INotification[] => [
  ...Notification.manager.notifications
];

function press(label: string): MouseEvent {
  const event = new MouseEvent('click', { cancelable: true });
  const actions = shown()[0].options.actions ?? [];
  actions.find(action => action.label === label)!.callback(event);
  return event;
}

it('shows what is told, with the command that it offers', async () => {
  client.told = [notice(1)];
  await model.refresh();
  const [{ message, type, options }] = shown();
  expect(message).toMatch(/^A device of Training is yours: claim it\. Until .+ Claim/);
  expect(message.length).toBeLessThanOrEqual(140);
  expect([type, options.autoClose]).toEqual(['warning', false]);
  // It goes with its cause, not with the click.
  expect(press('Claim').defaultPrevented).toBe(true);
  expect(run).toHaveBeenCalledWith(
    expect.objectContaining({ command: 'claim', args: { ticket: 7 } })
  );
  press('My Server');
  expect(open).toHaveBeenCalled();
});

it('is one for each cause, and goes when the cause goes', async () => {
  client.told = [
    notice(1),
    notice(2, { kind: 'cull', subject: '3', action: 'extend' })
  ];
  await model.refresh();
  await model.check();
  expect(shown()).toHaveLength(2);
  // What became of the offer takes its place.
  client.told = [notice(5, { kind: 'queue', action: '', message: 'It was missed.' })];
  await model.check();
  expect(shown().map(({ message }) => message)).toEqual([
    expect.stringContaining('It was missed.')
  ]);
  client.told = [];
  await model.check();
  expect(shown()).toEqual([]);
  // None of it was dismissed by the person.
  expect(client.asked.some(name => name.startsWith('dismiss'))).toBe(false);
});

it('stays while the hub does not answer', async () => {
  client.told = [notice(1)];
  await model.refresh();
  client.error = toError({ code: 'network_down', message: 'Away' });
  await model.check();
  expect(shown()).toHaveLength(1);
});

it('is dismissed at the hub when the person dismisses it', async () => {
  client.told = [notice(1)];
  await model.refresh();
  Notification.dismiss(shown()[0].id);
  expect(client.asked).toContain('dismiss 1');
  await model.check();
  expect(shown()).toEqual([]);
});

it('is shown only to who wants it', async () => {
  isEnabled = false;
  client.told = [notice(1)];
  await model.refresh();
  expect(shown()).toEqual([]);
  isEnabled = true;
  notifications.update();
  expect(shown()).toHaveLength(1);
});

it('says when something happens by itself, and cuts nothing in the middle', async () => {
  const message = 'This server is idle and will be stopped';
  const remedy = 'Run something, or extend; that can be done 3 more times. '.repeat(3);
  const told = { message, remedy, kind: 'cull', action: 'extend' } as const;
  client.told = [notice(1, { ...told, deadline: inMinutes(9) })];
  await model.refresh();
  expect(shown()[0].message).toMatch(
    /^This server is idle and will be stopped\. At .+$/
  );
  expect(shown()[0].message).not.toContain('Run something');
});
