/**
 * What the commands of Auto-EDA work on, and the part of it that the panel draws.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext } from 'react';

import type { Selection } from '../base/panel/selection';
import type { EdaClient } from './client';
import type { FramesModel } from './frames';
import type { EdaModel } from './model';
import type { IKnownSource } from './readingoptions';
import type { Options, Run, SourceIn } from './schemas';
import type { PanelItem } from './selection';
import type { RunStarter } from './startrun';

/** What the panel draws, and the commands that its buttons run. */
export interface IPanelParts {
  readonly commands: CommandRegistry;
  readonly model: EdaModel;
  readonly frames: FramesModel;
  readonly selection: Selection<PanelItem>;
}

/** Hands the parts to the components of the panel. */
export const PartsContext = createContext<IPanelParts | null>(null);

/** The parts of the panel that a component belongs to. */
export function useParts(): IPanelParts {
  return useContext(PartsContext)!;
}

/** What the person chose in the form. */
export interface IFormResult {
  source: SourceIn;
  options: Options;
  /** Whether the full report is made as well. */
  full: boolean;
}

/** Shows tabs, the panel and the form; the code of each is loaded when it is first shown. */
export interface IOpener {
  /** Bring the panel to the front, with its filter field in focus. */
  panel(): void;
  /** Show a run; what is known of it names the tab at once. */
  open(id: string, run?: Run): Promise<void>;
  /** The folder that code is inserted in, from the root of the lab's files; null when there is no place yet. */
  readonly folder: string | null;
  /** Put code where the person works. */
  insert(code: string): void;
  /**
   * Ask how to profile a source, and which one if it is null.
   *
   * The form stays until `start` has started what was chosen.
   */
  ask(
    source: SourceIn | null,
    known: IKnownSource,
    start: (chosen: IFormResult) => Promise<unknown>
  ): Promise<boolean>;
}

/** What the commands work on. */
export interface ICommandContext extends IPanelParts {
  readonly client: Pick<EdaClient, 'load' | 'report' | 'watch'>;
  readonly starter: RunStarter;
  readonly opener: IOpener;
  readonly trans: TranslationBundle;
}
