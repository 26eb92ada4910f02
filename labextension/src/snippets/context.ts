/**
 * What the commands and the screens of the snippets work with.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';
import { createContext, useContext } from 'react';

import type { ICodeTools } from '../base/code/tools';
import type { PanelToolbar } from '../base/panel/toolbar';
import type { Selection } from '../base/panel/selection';
import type { IProjects } from '../projects/tokens';
import type { Draft } from './editor/draft';
import type { Inserter } from './insert/inserter';
import type { Requirements } from './insert/requirements';
import type { SnippetsModel } from './model';
import type { Snippet, SnippetFile } from './schemas';
import type { SnippetPreferences } from './settings';
import type { IChosenFiles } from './transfer/filedrop';

/** One of each for the whole lab. */
export interface ISnippetsContext {
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly model: SnippetsModel;
  readonly selection: Selection<Snippet>;
  readonly preferences: SnippetPreferences;
  readonly inserter: Inserter;
  readonly requirements: Requirements;
  readonly code: ICodeTools;
  /** Null in a lab without projects. */
  readonly projects: IProjects | null;
  readonly toolbar: PanelToolbar | null;
  /** Name of the person who is logged in. */
  readonly user: () => string;
}

/** Shows the screens of the snippets; each is loaded when it is first shown. */
export interface ISnippetsOpener {
  /** Bring the panel to the front, with its search field in focus. */
  panel(): void;
  /** Open the form with a draft, or bring it to the front. */
  edit(draft: Draft): Promise<void>;
  /** Save the draft in the form that is in front. */
  save(): Promise<unknown>;
  /** Whether a form is in front. */
  editing(): boolean;
  history(snippet: Snippet): Promise<void>;
  shortcut(snippet: Snippet): Promise<void>;
  importFiles(chosen?: IChosenFiles, folder?: boolean): Promise<void>;
  libraries(): Promise<void>;
  /** Hand files to the browser. */
  download(files: readonly SnippetFile[]): Promise<void>;
}

/** The token of the context, for the plugins of the snippets themselves. */
export const ISnippetsContext = new Token<ISnippetsContext>(
  '@orrery/labextension:ISnippetsContext',
  "What the snippets' commands and screens work with."
);

/** Hands the context to React components. */
export const SnippetsContext = createContext<ISnippetsContext | null>(null);

/** The context of a component. */
export function useSnippets(): ISnippetsContext {
  return useContext(SnippetsContext)!;
}
