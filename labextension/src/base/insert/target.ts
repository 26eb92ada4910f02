/**
 * The place where the person works.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell, MarkdownCell } from '@jupyterlab/cells';
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type { FileEditor, IEditorTracker } from '@jupyterlab/fileeditor';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { canonical, cellLanguage, languageOfMime } from './languages';

/** Where to look for places. */
export interface IPlaces {
  shell: JupyterFrontEnd.IShell;
  notebooks?: INotebookTracker | null;
  consoles?: IConsoleTracker | null;
  editors?: IEditorTracker | null;
}

interface ITargetBase {
  readonly editor: CodeMirrorEditor | null;
  /** Language of the kernel or the file, as in `Snippet.language`. */
  readonly language: string;
  /** What the text at the cursor is: a markdown cell in a Python notebook is markdown. */
  readonly textLanguage: string;
  readonly path: string;
  /** What the person calls it: the name of the file or the title of the console. */
  readonly name: string;
  readonly kernel: Kernel.IKernelConnection | null;
  readonly readOnly: boolean;
}

/** A place that takes snippets. */
export type ITarget =
  | (ITargetBase & {
      readonly kind: 'notebook';
      readonly widget: NotebookPanel;
      /** Index of the cell; -1 in an empty notebook. */
      readonly cell: number;
      /** Whether the cell shows no text to put a cursor into: rendered prose, or a hidden input. */
      readonly closed: boolean;
      /** Whether the person wrote in a cell when last there; false in command mode. */
      readonly editing: boolean;
    })
  | (ITargetBase & { readonly kind: 'console'; readonly widget: ConsolePanel })
  | (ITargetBase & {
      readonly kind: 'editor';
      readonly widget: IDocumentWidget<FileEditor>;
    });

/** Remembers where the person worked last. */
export class TargetFinder implements IDisposable {
  constructor(private readonly places: IPlaces) {
    const { shell, notebooks, consoles, editors } = places;
    shell.currentChanged?.connect(this._update, this);
    notebooks?.currentChanged.connect(this._update, this);
    notebooks?.activeCellChanged.connect(this._update, this);
    consoles?.currentChanged.connect(this._update, this);
    editors?.currentChanged.connect(this._update, this);
    document.addEventListener('focusin', this._onFocus, true);
    this._update();
  }

  /** Emitted when the place may be another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    document.removeEventListener('focusin', this._onFocus, true);
    this._last = null;
    Signal.clearData(this);
  }

  /** The place where the person works, or worked before coming to a panel; null when it is gone. */
  find(): ITarget | null {
    const current = this.places.shell.currentWidget;
    const target = current && this.of(current);
    if (target) {
      this._last = current;
      return target;
    }
    return this._last && !this._last.isDisposed ? this.of(this._last) : null;
  }

  /** A widget as a place, at its active cell or the cell that holds a node; null when it takes no snippets. */
  of(widget: Widget, node?: Node): ITarget | null {
    const { notebooks, consoles, editors } = this.places;
    if (notebooks?.has(widget)) {
      return ofNotebook(
        widget as NotebookPanel,
        node,
        this._editing.get((widget as NotebookPanel).content.node)
      );
    }
    if (consoles?.has(widget)) {
      return ofConsole(widget as ConsolePanel);
    }
    return editors?.has(widget) ? ofFile(widget as IDocumentWidget<FileEditor>) : null;
  }

  /** A notebook leaves edit mode when a panel takes the focus: what counts is how it was before. */
  private readonly _onFocus = ({ target }: FocusEvent): void => {
    const notebook = target instanceof Element && target.closest('.jp-Notebook');
    if (!notebook) {
      return;
    }
    const isEditing = target.closest('.cm-editor') !== null;
    if (isEditing !== this._editing.get(notebook)) {
      this._editing.set(notebook, isEditing);
      this._changed.emit();
    }
  };

  private _update(): void {
    this.find();
    this._changed.emit();
  }

  private _isDisposed = false;
  /** By the node of a notebook, whether the person wrote in a cell when last there. */
  private readonly _editing = new WeakMap<Element, boolean>();
  private _last: Widget | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

/** A notebook as a place, at its active cell or at the cell that holds a node. */
export function ofNotebook(
  widget: NotebookPanel,
  node?: Node,
  editing = widget.content.mode === 'edit'
): ITarget {
  const { activeCell, widgets } = widget.content;
  const cell =
    (node && widgets.find(widget => widget.node.contains(node))) ?? activeCell;
  const language = notebookLanguage(widget);
  const kind = cell?.model.type ?? 'code';
  const source = cell?.model.sharedModel.getSource() ?? '';
  const texts = {
    code: cellLanguage(source, language),
    markdown: 'markdown',
    raw: 'text'
  };
  return {
    kind: 'notebook',
    widget,
    editor: asCodeMirror(cell?.editor),
    cell: cell ? widgets.indexOf(cell) : -1,
    closed: cell ? cell.inputHidden || isRendered(cell) : true,
    editing,
    language,
    textLanguage: texts[kind as keyof typeof texts] ?? language,
    path: widget.context.path,
    name: PathExt.basename(widget.context.path),
    kernel: widget.sessionContext.session?.kernel ?? null,
    readOnly: widget.model?.readOnly ?? true
  };
}

function isRendered(cell: Cell): boolean {
  return cell.model.type === 'markdown' && (cell as MarkdownCell).rendered;
}

/** The language of a notebook's code. */
export function notebookLanguage(widget: NotebookPanel): string {
  const { model, sessionContext } = widget;
  const specs = sessionContext.specsManager.specs?.kernelspecs;
  const running = specs?.[sessionContext.session?.kernel?.name ?? ''];
  const metadata = model?.sharedModel.metadata;
  return canonical(
    running?.language ||
      metadata?.language_info?.name ||
      languageIn(metadata?.kernelspec?.language) ||
      specs?.[metadata?.kernelspec?.name ?? '']?.language ||
      'python'
  );
}

function languageIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function ofConsole(widget: ConsolePanel): ITarget {
  const cell = widget.console.promptCell;
  const language = languageOfMime(cell?.model.mimeType ?? '');
  return {
    kind: 'console',
    widget,
    editor: asCodeMirror(cell?.editor),
    language,
    textLanguage: language,
    path: widget.sessionContext.path,
    name: widget.title.label || widget.sessionContext.name,
    kernel: widget.sessionContext.session?.kernel ?? null,
    readOnly: cell?.readOnly ?? true
  };
}

function ofFile(widget: IDocumentWidget<FileEditor>): ITarget {
  const { editor, model } = widget.content;
  const language = languageOfMime(model.mimeType);
  return {
    kind: 'editor',
    widget,
    editor: asCodeMirror(editor),
    language,
    textLanguage: language,
    path: widget.context.path,
    name: PathExt.basename(widget.context.path),
    kernel: null,
    readOnly: widget.context.model.readOnly || editor.getOption('readOnly') === true
  };
}

function asCodeMirror(editor: unknown): CodeMirrorEditor | null {
  return editor instanceof CodeMirrorEditor ? editor : null;
}

/** Whether code goes into a cell of its own: the person looks at a notebook in command mode. */
export function wantsNewCell(target: ITarget): boolean {
  return target.kind === 'notebook' && !target.editing && !isBlank(target);
}

/** Whether the active cell of a notebook waits for code. */
export function isBlank(target: ITarget): boolean {
  const cell = target.kind === 'notebook' ? target.widget.content.activeCell : null;
  return cell?.model.type === 'code' && !cell.model.sharedModel.source.trim();
}

/** A path as the kernel's side knows it: a shared document bears the name of its drive. */
export function withoutDrive(path: string): string {
  return path.replace(/^[^/:]+:/, '');
}
