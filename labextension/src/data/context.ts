/**
 * What the commands of data work on, and the part of it that the panel draws.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext } from 'react';

import type { Selection } from '../base/panel/selection';
import type { Preferences } from '../base/preferences';
import type { DataClient } from './client';
import type { TreeModel, TreeRow } from './model';
import type { PlaceStore } from './places';
import type { Connection } from './schemas';
import type { ISettings } from './settings';
import type { IDataPlace } from './tokens';

/** What the panel draws, and the commands that its buttons run. */
export interface IPanelParts {
  readonly commands: CommandRegistry;
  readonly model: TreeModel;
  readonly places: PlaceStore;
  readonly preferences: Preferences<ISettings>;
  readonly selection: Selection<TreeRow>;
}

/** Hands the parts to the components of the panel. */
export const PartsContext = createContext<IPanelParts | null>(null);

/** The parts of the panel that a component belongs to. */
export function useParts(): IPanelParts {
  return useContext(PartsContext)!;
}

/** Shows tabs, the panel and forms; the code of each is loaded when it is first shown. */
export interface IOpener {
  /** Bring the panel to the front, with its filter field in focus. */
  panel(): void;
  /** Show what is known of a thing. */
  details(place: IDataPlace, name: string): Promise<void>;
  /** Ask for the fields of a connection, new or known; null when the person cancelled. */
  connection(known: Connection | null): Promise<Connection | null>;
  /** The folder that code is inserted in, from the root of the lab's files; null when there is no place yet. */
  readonly folder: string | null;
  /** Put code where the person works. */
  insert(code: string): void;
}

/** What the commands work on. */
export interface ICommandContext extends IPanelParts {
  readonly client: DataClient;
  readonly opener: IOpener;
  readonly trans: TranslationBundle;
}
