/**
 * Deleting without a question: it is done at once, and can be taken back.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { notifyError } from './notify';

const UNDO_MS = 10_000;

/** Say what was done, with a button that takes it back. */
export function offerUndo(
  message: string,
  undo: () => Promise<unknown>,
  trans: TranslationBundle
): void {
  Notification.info(message, {
    autoClose: UNDO_MS,
    actions: [
      {
        label: trans.__('Undo'),
        callback: () => void undo().catch(error => notifyError(error, trans))
      }
    ]
  });
}
