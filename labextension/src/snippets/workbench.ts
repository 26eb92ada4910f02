/**
 * The parts that the snippets' commands and screens work with.
 */
import type { TranslationBundle, ITranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import type { IProjects } from '../projects/tokens';
import type { Capture } from './capture';
import type { DraftStore } from './draft';
import type { Inserter } from './insert';
import type { LibrariesModel } from './library';
import type { SnippetsModel } from './model';
import type { Preferences } from './preferences';
import type { Requirements } from './requirements';
import type { Selection } from './selection';
import type { IWorld } from './variables';

/** The parts that the snippets' commands and screens work with. */
export interface IWorkbench {
  readonly model: SnippetsModel;
  readonly selection: Selection;
  readonly preferences: Preferences;
  readonly requirements: Requirements;
  readonly libraries: LibrariesModel;
  readonly drafts: DraftStore;
  readonly inserter: Inserter;
  readonly capture: Capture;
  readonly projects: IProjects | null;
  readonly world: () => IWorld;
  readonly translator: ITranslator;
  readonly trans: TranslationBundle;
  /** Name of the person who is logged in. */
  readonly user: () => string;
}

/** The token of the snippets' parts. */
export const IWorkbench = new Token<IWorkbench>(
  '@orrery/labextension:ISnippetsWorkbench',
  "The parts of the snippets' panel, for the plugins of the panel itself."
);
