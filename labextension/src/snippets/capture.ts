import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type { ICell } from '@jupyterlab/nbformat';
import type { INotebookTracker } from '@jupyterlab/notebook';

import type { SnippetCell } from './schemas';

/** A snippet to be: what the form opens with. */
export interface IDraft {
  name: string;
  language: string;
  syntax: 'plain';
  tags: string[];
  cells: SnippetCell[];
}

export interface ICaptureOptions {
  shell: JupyterFrontEnd.IShell;
  notebooks?: INotebookTracker | null;
  consoles?: IConsoleTracker | null;
  editors?: IEditorTracker | null;
}

/** Makes drafts out of what the person works on; each is null when there is nothing to take. */
export declare class Capture {
  constructor(options: ICaptureOptions);

  /** The selected text, of a notebook's cell, a console's prompt or a file. */
  selection(): IDraft | null;

  /** The selected cells of the current notebook, kept apart; the active one when none is selected. */
  cells(): IDraft | null;

  /** The whole of the current file. */
  file(): IDraft | null;

  /** The best of the above: selected text, else selected cells, else the file. */
  best(): IDraft | null;
}

/** A draft of cells as a drag carries them. */
export declare function draftOfCells(
  cells: readonly ICell[],
  language: string
): IDraft | null;

/** A draft of a text. */
export declare function draftOfText(text: string, language: string): IDraft | null;

/** A name for code or prose: its heading, what it defines, or its first comment. */
export declare function suggestName(cells: readonly SnippetCell[]): string;
