import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { ITranslator } from '@jupyterlab/translation';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { Widget } from '@lumino/widgets';
import type { ISignal } from '@lumino/signaling';

import type { Snippet } from './schemas';
import type { InsertMode } from './tokens';
import type { IWorld } from './variables';

/** What of a snippet an insertion needs; a draft that is not saved has it too. */
export type IInsertable = Pick<Snippet, 'name' | 'language' | 'syntax' | 'cells'>;

/** A place that takes snippets. */
export interface ITarget {
  readonly kind: 'notebook' | 'console' | 'editor';
  readonly widget: Widget;
  readonly editor: CodeMirrorEditor | null;
  /** Language of the kernel or the file, as in `Snippet.language`. */
  readonly language: string;
  /** What the text at the cursor is: a markdown cell in a Python notebook is markdown. */
  readonly textLanguage: string;
  readonly path: string;
  readonly kernel: Kernel.IKernelConnection | null;
}

/** What an insertion would do now, for a tooltip or a label. */
export interface ITargetDescription {
  /** False: nothing can be inserted, and `text` says what to do about it. */
  enabled: boolean;
  /** "Insert into analysis.ipynb, cell 3". */
  text: string;
  /** Language of the place; empty when there is none. */
  language: string;
}

/** Where a snippet went. */
export interface IInserted {
  target: ITarget;
  /** "analysis.ipynb, cell 3". */
  where: string;
  /** How many cells were made; 0 when it went to the cursor. */
  cells: number;
}

/** Asked when the languages differ. */
export type ConfirmLanguage = (
  snippet: IInsertable,
  target: ITarget
) => Promise<'insert' | 'cancel'>;

export interface IInserterOptions {
  shell: JupyterFrontEnd.IShell;
  notebooks?: INotebookTracker | null;
  consoles?: IConsoleTracker | null;
  editors?: IEditorTracker | null;
  translator?: ITranslator | null;
  confirmLanguage: ConfirmLanguage;
  /** Read when a body is expanded. */
  world: () => IWorld;
  /** Asked only for bodies that use $CLIPBOARD; rejecting or absent means not permitted. */
  readClipboard?: () => Promise<string>;
}

/** Puts snippets where the person last worked. */
export declare class Inserter {
  constructor(options: IInserterOptions);

  /** Emitted when the place that would be inserted into may be another. */
  readonly targetChanged: ISignal<Inserter, void>;
  readonly isDisposed: boolean;
  dispose(): void;

  /** The place that an insertion goes to now; null when there is none. */
  target(): ITarget | null;

  /** What `insert` would do, or why nothing can be inserted. */
  describeTarget(mode?: InsertMode): ITargetDescription;

  /**
   * Insert at the target as one undo step and focus it there; null when the person declined.
   *
   * `auto` and `cursor` go to the cursor, except that several cells become cells of a notebook.
   * Throws `Invalid` when there is no place or it is read-only.
   */
  insert(snippet: IInsertable, mode?: InsertMode): Promise<IInserted | null>;

  /** The same at an offset of an editor, for a drop. */
  insertAt(
    snippet: IInsertable,
    target: ITarget,
    offset: number
  ): Promise<IInserted | null>;

  /** Put the cells of a snippet at an index of a notebook. */
  insertCells(
    snippet: IInsertable,
    notebook: NotebookPanel,
    index: number
  ): Promise<IInserted | null>;

  /** Put plain code into a new code cell below the active one (or at the cursor) and do not run it. */
  insertCode(code: string): Promise<IInserted | null>;
}
