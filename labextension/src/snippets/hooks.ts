/**
 * What the screens have in common with each other.
 */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type {
  IEditorLanguageRegistry,
  IEditorThemeRegistry
} from '@jupyterlab/codemirror';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext } from 'react';

import type { SnippetDrag } from './drag';
import type { IWorkbench } from './workbench';

/** What every part of a screen may use. */
export interface IScreen {
  readonly bench: IWorkbench;
  readonly commands: CommandRegistry;
  readonly languages: IEditorLanguageRegistry | null;
  readonly themes: IEditorThemeRegistry | null;
  readonly editors: IEditorServices;
  readonly drag: SnippetDrag | null;
}

/** Hands the screen to its parts. */
export const ScreenContext = createContext<IScreen | null>(null);

/** The screen that a part is on. */
export function useScreen(): IScreen {
  return useContext(ScreenContext)!;
}
