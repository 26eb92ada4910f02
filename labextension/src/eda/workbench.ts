/**
 * The parts that the commands and screens of auto-EDA work with.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';

import type { EdaClient } from './api';
import type { FramesModel } from './frames';
import type { EdaModel } from './model';
import type { Picks } from './picks';
import type { Preferences } from './preferences';

/** The parts of auto-EDA. */
export interface IWorkbench {
  readonly client: EdaClient;
  readonly model: EdaModel;
  readonly frames: FramesModel;
  readonly picks: Picks;
  readonly preferences: Preferences;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** The token of the parts. */
export const IWorkbench = new Token<IWorkbench>(
  '@orrery/labextension:IEdaWorkbench',
  'The parts of auto-EDA, for the plugins of auto-EDA itself.'
);
