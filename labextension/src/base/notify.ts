/**
 * An error as a notification: what, why, what to do, and a button that does it.
 */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Cancelled, isOutage, OrreryError } from './errors';
import { outages } from './outages';

export interface INotifyAction {
  label: string;
  callback: () => void;
}

// JupyterLab cuts what is longer.
const TOAST_LENGTH = 140;
/** All outages are one cause: what is out of reach comes back together. */
const OUTAGE = 'outage';

/** The errors that the person was told of. */
const reported = new WeakSet<object>();

/** Whether the person was told of an error, such as that of a command of Orrery. */
export function isTold(error: unknown): boolean {
  return error instanceof Error && reported.has(error);
}

/**
 * Show an error, with an action if there is one.
 *
 * Says nothing about a cancel that the person asked for, nor about an error that was shown already; what has
 * the same cause takes the place of what was shown before. What is said of an outage goes when that is over.
 */
export function notifyError(
  error: unknown,
  trans: TranslationBundle,
  action?: INotifyAction
): void {
  if (error instanceof Error) {
    if (isTold(error)) {
      return;
    }
    reported.add(error);
    ignoreRejections();
  }
  if (error instanceof Cancelled) {
    return;
  }
  const text = sentence(error, trans);
  const message = toastText(error, trans);
  const isPassing = isOutage(error);
  const cause = isPassing ? OUTAGE : text;
  dismissCause(cause);
  const actions = action ? [{ label: action.label, callback: action.callback }] : [];
  if (message !== text) {
    actions.push({
      label: trans.__('Details'),
      callback: () => void showDetails(text, trans)
    });
  }
  const id = Notification.error(message, {
    autoClose: false,
    actions,
    data: { cause }
  });
  if (isPassing) {
    outages.note(id);
  }
}

/** Dismiss what was shown because of a cause, which is shown anew or is gone. */
export function dismissCause(cause: string): void {
  for (const { id, options } of Notification.manager.notifications) {
    if ((options.data as { cause?: string } | undefined)?.cause === cause) {
      Notification.dismiss(id);
    }
  }
}

/** Keep an error that the person was told of out of the console when a menu or the palette does not wait for it. */
function ignoreRejections(): void {
  // The same function is added once.
  window.addEventListener('unhandledrejection', ignoreTold);
}

function ignoreTold(event: PromiseRejectionEvent): void {
  if (isTold(event.reason)) {
    event.preventDefault();
  }
}

async function showDetails(text: string, trans: TranslationBundle): Promise<void> {
  await showDialog({
    title: trans.__('What Went Wrong'),
    body: text,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

/** The text, shortened to what a toast can show; what to do is never cut. */
function toastText(error: unknown, trans: TranslationBundle): string {
  const text = sentence(error, trans);
  if (text.length <= TOAST_LENGTH || !(error instanceof OrreryError)) {
    return shorten(text, TOAST_LENGTH);
  }
  const [what, remedy] = [error.message, error.remedy].map(asSentence);
  const room = TOAST_LENGTH - remedy.length - 1;
  // Without room for a few words of what failed, what to do stands alone.
  return room < MOST_CUT
    ? shorten(remedy, TOAST_LENGTH)
    : `${shorten(what, room)} ${remedy}`.trim();
}

const MOST_CUT = 30;

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

function asSentence(text: string): string {
  const part = text.trim();
  return part === '' || /[.!?]$/.test(part) ? part : `${part}.`;
}

/** What, why and what to do, as one text. */
export function sentence(error: unknown, trans: TranslationBundle): string {
  if (error instanceof OrreryError) {
    const parts = [error.message, error.reason, error.remedy]
      .map(asSentence)
      .filter(part => part !== '');
    if (error.code === 'internal_error' && error.requestId) {
      parts.push(trans.__('Request id: %1.', error.requestId));
    }
    return parts.join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}
