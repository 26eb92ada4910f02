import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Drag } from '@lumino/dragdrop';
import type { IDisposable } from '@lumino/disposable';

import type { IDraft } from './capture';
import type { IInsertable, Inserter } from './insert';

/** A dragged snippet: `Snippet` as it is. */
export declare const SNIPPET_MIME: string;

export interface ISnippetDragOptions {
  inserter: Inserter;
  shell: JupyterFrontEnd.IShell;
  /** Told when a drop fails. */
  onError: (error: unknown) => void;
  /** Told after a drop, to count the use. */
  onInserted?: (snippet: IInsertable & { id?: string }) => void;
}

/** Drags rows of the panel into notebooks, files and consoles. */
export declare class SnippetDrag implements IDisposable {
  constructor(options: ISnippetDragOptions);
  /**
   * Begin a drag; call it from pointermove, once the pointer has gone 5 px since pointerdown.
   * Resolves when it is over.
   */
  start(
    snippet: IInsertable & { id?: string },
    clientX: number,
    clientY: number
  ): Promise<Drag.DropAction | null>;
  readonly isDisposed: boolean;
  dispose(): void;
}

/** Makes a node take dropped cells and text, for a draft of a new snippet. */
export declare class DraftDrop implements IDisposable {
  /** `node` gets the class `orrery-snippets-mod-drop` while something that fits is above it. */
  constructor(options: { node: HTMLElement; onDraft: (draft: IDraft) => void });
  readonly isDisposed: boolean;
  dispose(): void;
}
