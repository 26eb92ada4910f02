/**
 * Deleting without a question: it is done at once, and can be taken back.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { rememberFocus } from './focus';
import { notifyError } from './notify';

/** Say what was done, with a button that takes it back; it stays until it is dismissed. */
export function offerUndo(
  message: string,
  undo: () => Promise<unknown>,
  trans: TranslationBundle
): void {
  const giveBack = rememberFocus();
  Notification.info(message, {
    autoClose: false,
    actions: [
      {
        label: trans.__('Undo'),
        callback: () =>
          void undo()
            .catch(error => notifyError(error, trans))
            // The button is gone: the keyboard goes back to where it was.
            .finally(giveBack)
      }
    ]
  });
}
