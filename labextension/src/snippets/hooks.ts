/**
 * What the screens have in common with each other.
 */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type {
  IEditorLanguageRegistry,
  IEditorThemeRegistry
} from '@jupyterlab/codemirror';
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import { createContext, useContext, useEffect, useReducer } from 'react';

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

/** Draw again whenever a signal is emitted; the number grows with each. */
export function useChanges(signal: ISignal<unknown, unknown>): number {
  const [count, draw] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    const listen = (): void => draw();
    signal.connect(listen);
    return () => {
      signal.disconnect(listen);
    };
  }, [signal]);
  return count;
}
