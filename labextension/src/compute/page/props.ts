/**
 * What the parts of the tab of the server are given.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { ICompute } from '../tokens';

/** What every part needs. */
export interface IPageProps {
  commands: CommandRegistry;
  compute: ICompute;
  trans: TranslationBundle;
}
