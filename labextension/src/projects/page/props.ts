/**
 * What the parts of the page of a project are given.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { ProjectPageModel } from './model';

/** What every part of the page needs. */
export interface IPageProps {
  commands: CommandRegistry;
  model: ProjectPageModel;
  trans: TranslationBundle;
}
