import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import { notifyError, sentence } from '../../src/base/notify';

const trans = nullTranslator.load('orrery');

afterEach(() => Notification.dismiss());

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
});
