/**
 * An error as a notification: what, why, what to do, and a button that does it.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Cancelled, OrreryError } from './errors';

export interface INotifyAction {
  label: string;
  callback: () => void;
}

/** Show an error, with an action if there is one; a cancel that the person asked for says nothing. */
export function notifyError(
  error: unknown,
  trans: TranslationBundle,
  action?: INotifyAction
): void {
  if (error instanceof Cancelled) {
    return;
  }
  Notification.error(sentence(error, trans), {
    autoClose: false,
    actions: action ? [{ label: action.label, callback: action.callback }] : []
  });
}

/** What, why and what to do, as one text. */
export function sentence(error: unknown, trans: TranslationBundle): string {
  if (error instanceof OrreryError) {
    const parts = [error.message, error.reason, error.remedy]
      .map(part => part.trim())
      .filter(part => part !== '')
      .map(part => (/[.!?]$/.test(part) ? part : `${part}.`));
    if (error.code === 'internal_error' && error.requestId) {
      parts.push(trans.__('Request id: %1.', error.requestId));
    }
    return parts.join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}
