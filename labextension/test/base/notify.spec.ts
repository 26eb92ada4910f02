import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import { notifyError, sentence } from '../../src/base/notify';
import { outages } from '../../src/base/outages';

const trans = nullTranslator.load('orrery');

afterEach(() => Notification.dismiss());

const messages = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message);

describe('sentence', () => {
  it('says what, why and what to do, each as a sentence', () => {
    const error = toError({
      code: 'not_found',
      message: 'There is no project "x"',
      reason: 'It was deleted.',
      remedy: 'Choose another'
    });
    expect(sentence(error, trans)).toBe(
      'There is no project "x". It was deleted. Choose another.'
    );
  });

  it('gives the request id of a failure that nobody foresaw, and only then', () => {
    const unforeseen = toError({ message: 'It failed', request_id: 'r7' });
    const known = toError({ code: 'conflict', message: 'It failed', request_id: 'r7' });
    expect(sentence(unforeseen, trans)).toContain('r7');
    expect(sentence(known, trans)).not.toContain('r7');
  });

  it('reads what is no error of ours', () => {
    expect(sentence(new TypeError('odd'), trans)).toBe('odd');
    expect(sentence('just text', trans)).toBe('just text');
  });
});

describe('notifyError', () => {
  it('shows the error until it is dismissed, with the action', () => {
    const callback = jest.fn();
    notifyError(toError({ code: 'conflict', message: 'Taken' }), trans, {
      label: 'Try again',
      callback
    });
    const [notification] = Notification.manager.notifications;
    expect(notification.message).toBe('Taken.');
    expect(notification.type).toBe('error');
    expect(notification.options.autoClose).toBe(false);
    notification.options.actions?.[0].callback(new MouseEvent('click'));
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('says nothing about a cancel', () => {
    notifyError(toError({ code: 'cancelled', message: 'Cancelled' }), trans);
    expect(Notification.manager.count).toBe(0);
  });

  it('shows one toast per cause, the latest', () => {
    const fail = (message: string): Error => toError({ code: 'conflict', message });
    notifyError(fail('Taken'), trans);
    notifyError(fail('Taken'), trans, {
      label: 'Try again',
      callback: () => undefined
    });
    notifyError(fail('Too late'), trans);
    expect(messages()).toEqual(['Too late.', 'Taken.']);
    const [, taken] = Notification.manager.notifications;
    expect(taken.options.actions).toHaveLength(1);
  });

  it('says once that the server is gone, whatever was asked of it', () => {
    const gone = (reason: string): Error =>
      toError({ code: 'network_down', message: 'Gone', reason });
    notifyError(gone('home'), trans);
    notifyError(gone('snippets'), trans);
    expect(messages()).toEqual(['Gone. snippets.']);
  });

  it('takes back what it said of an outage when that is over, and nothing else', () => {
    jest.useFakeTimers();
    const hub = { message: 'The hub cannot be reached', details: { outage: 'hub' } };
    notifyError(toError({ code: 'network_down', message: 'Gone' }), trans);
    notifyError(toError({ code: 'backend_unavailable', ...hub }), trans);
    notifyError(toError({ code: 'backend_unavailable', message: 'No git' }), trans);
    expect(messages()).toEqual(['No git.', 'The hub cannot be reached.']);
    expect(outages.isOpen).toBe(true);
    outages.end();
    expect(outages.isOpen).toBe(false);
    // It stands until it could be read.
    expect(messages()).toHaveLength(2);
    jest.advanceTimersByTime(10_000);
    expect(messages()).toEqual(['No git.']);
    jest.useRealTimers();
  });

  it.each([
    ['a long reason', 'Last owner', 'why '.repeat(60), 'Make somebody else an owner.'],
    ['a long message', 'what '.repeat(60), '', 'Make somebody else an owner.'],
    ['a long remedy', 'Last owner', 'why', 'Do '.repeat(44) + 'it.']
  ])('never cuts what to do, with %s', (_, message, reason, remedy) => {
    notifyError(toError({ code: 'conflict', message, reason, remedy }), trans);
    const [text] = messages();
    expect(text.length).toBeLessThanOrEqual(140);
    expect(text).toMatch(new RegExp(`${remedy.replaceAll('.', '\\.')}$`));
    const [{ options }] = Notification.manager.notifications;
    expect(options.actions?.map(({ label }) => label)).toEqual(['Details']);
  });
});
