/**
 * What a person can do about a notice.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Notice } from './schemas';
import type { ICompute } from './tokens';

/** A command that a notice offers. */
export interface INoticeCommand {
  readonly command: string;
  readonly args: ReadonlyPartialJSONObject;
  readonly label: string;
}

/** The command that a notice offers; null where this server does not know how. */
export function noticeCommand(
  { action, subject }: Notice,
  { hasAllowance }: ICompute,
  trans: TranslationBundle
): INoticeCommand | null {
  const id = Number(subject);
  if (action === 'claim') {
    const args = { ticket: id };
    return { command: 'compute:claim', args, label: trans.__('Claim') };
  }
  if (action === 'extend' && hasAllowance) {
    return { command: 'compute:extend', args: {}, label: trans.__('Extend') };
  }
  if (action === 'request' && hasAllowance) {
    const args = { budget: id };
    return {
      command: 'compute:ask-for-more',
      args,
      label: trans.__('Ask for More…')
    };
  }
  return null;
}
