/**
 * What is said of a body that is not expanded, because that takes too many steps.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExpansion } from '../body/expand';

const SHOWN_MS = 10_000;

/** Why the code of a snippet is shown as it is written. */
export function unexpandedReason(trans: TranslationBundle): string {
  return trans.__(
    'Shown as it is written: its transforms or mirrors repeat too much to be expanded.'
  );
}

/** Tell that what was inserted is not expanded, if it is so. */
export function warnUnexpanded(
  expansions: readonly IExpansion[],
  trans: TranslationBundle
): void {
  if (expansions.some(({ isUnexpanded }) => isUnexpanded)) {
    Notification.warning(
      trans.__(
        'Inserted as it is written: the transforms or mirrors of the snippet repeat too much to be expanded.'
      ),
      { autoClose: SHOWN_MS }
    );
  }
}
