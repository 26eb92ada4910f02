/**
 * A snippet that somebody deleted while it was being edited: what is to become of the text.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Whether to save the text as a new snippet or to bring the deleted one back; null to go back and edit. */
export async function askDeleted(
  trans: TranslationBundle,
  name: string,
  mayRestore: boolean
): Promise<'copy' | 'restore' | null> {
  const { button } = await showDialog({
    title: trans.__('"%1" was deleted meanwhile', name),
    body: mayRestore
      ? trans.__(
          'Bring it back with its history and save your text as its next version, or keep your text as a new snippet.'
        )
      : trans.__('It cannot be brought back. You can keep your text as a new snippet.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Go Back') }),
      ...(mayRestore
        ? [
            Dialog.createButton({
              label: trans.__('Bring Back'),
              accept: false,
              actions: ['restore']
            })
          ]
        : []),
      Dialog.okButton({ label: trans.__('Keep as New'), actions: ['copy'] })
    ]
  });
  const [choice] = button.actions;
  return choice === 'copy' || choice === 'restore' ? choice : null;
}
