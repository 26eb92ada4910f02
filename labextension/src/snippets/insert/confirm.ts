/**
 * The question that is asked before code of one language goes into a place of another.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { magicFor } from '../../base/insert/languages';
import type { ConfirmLanguage } from './inserter';

/** Asks the person; the safe answer has the focus. */
export function confirmLanguage(trans: TranslationBundle): ConfirmLanguage {
  return async (snippet, target) => {
    const magic =
      target.kind === 'notebook' ? magicFor(snippet.language, target.language) : null;
    const cell = Dialog.okButton({ label: trans.__('New %1 cell', magic ?? '') });
    const { button } = await showDialog({
      title: trans.__('Insert %1 into %2?', snippet.language, target.textLanguage),
      body: trans.__(
        '"%1" is written in %2, but this place takes %3. It may not run here.',
        snippet.name,
        snippet.language,
        target.textLanguage
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Insert anyway') }),
        ...(magic ? [cell] : [])
      ],
      defaultButton: 0
    });
    if (!button.accept) {
      return 'cancel';
    }
    return button.label === cell.label ? 'magic' : 'insert';
  };
}
