/**
 * What other parts of the lab may ask of the snippets.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { ListState } from '../base/panel/listsource';
import type { Facets, Notice, Snippet, SnippetPage, SnippetQuery } from './schemas';

/** The id of the snippets panel. */
export const PANEL_ID = 'orrery-snippets';

/** Where an insertion goes: as the target suggests, at the cursor, or as cells of their own. */
export type InsertMode = 'auto' | 'cursor' | 'cells';

/** Which snippets to ask for; what is left out has the server's default. */
export type ISnippetQuery = Partial<SnippetQuery>;

/** The snippets that a person sees, page by page, and what can be done with them. */
export interface ISnippetsModel {
  /** Emitted whenever anything that is shown may have changed. */
  readonly changed: ISignal<unknown, void>;
  readonly state: ListState;
  readonly error: unknown;
  readonly query: Readonly<ISnippetQuery>;
  readonly total: number;
  readonly facets: Facets;
  readonly notices: readonly Notice[];

  /** One snippet, fresh from the server. */
  get(id: string): Promise<Snippet>;
  /** A page of any query; the list that is shown stays as it is. */
  search(query: ISnippetQuery, signal?: AbortSignal): Promise<SnippetPage>;
  /** Ask again for what is shown. */
  refresh(): Promise<void>;
}

/** The snippets of this lab. */
export interface ISnippets {
  readonly model: ISnippetsModel;
  /** Insert a snippet where the person last worked; resolves with whether it was inserted. */
  insert(id: string, mode?: InsertMode): Promise<boolean>;
}

/** The token of the snippets. */
export const ISnippets = new Token<ISnippets>(
  '@orrery/labextension:ISnippets',
  'A service to find and insert snippets.'
);
