/**
 * Puts snippets where the person works: at the cursor, or as cells of their own.
 */
import type { ICell } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import { Invalid } from '../../base/errors';
import { insertCode, separateUndo, writable } from '../../base/insert/codeinserter';
import { fits, magicFor } from '../../base/insert/languages';
import {
  ofNotebook,
  TargetFinder,
  wantsNewCell,
  type IPlaces,
  type ITarget
} from '../../base/insert/target';
import { loadTexts } from '../../base/translation';
import { indented, surrounded } from '../body/compose';
import type { InsertMode } from '../tokens';
import { addCells, fillIn } from './cells';
import { placement, textAround, waitedFor, type ISpan } from './place';
import {
  asCells,
  asText,
  isBlock,
  isProse,
  tabOf,
  variablesIn,
  type IInsertable,
  type INewCell
} from './rendering';
import { insertExpansion, type ISessionOptions } from './session';
import { warnUnexpanded } from './unexpanded';
import { resolver, type IWorld } from './variables';

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

/**
 * Asked when the languages differ.
 *
 * `magic` makes a cell of its own under the line that `magicFor` gives; it is an answer only when there is one.
 */
export type ConfirmLanguage = (
  snippet: IInsertable,
  target: ITarget
) => Promise<'insert' | 'magic' | 'cancel'>;

export interface IInserterOptions extends IPlaces {
  translator?: ITranslator | null;
  confirmLanguage: ConfirmLanguage;
  /** Read when a body is expanded. */
  world: () => IWorld;
  /** Asked only for bodies that use $CLIPBOARD; rejecting or absent means not permitted. */
  readClipboard?: () => Promise<string>;
}

/** Puts snippets where the person last worked. */
export class Inserter implements IDisposable {
  constructor(private readonly options: IInserterOptions) {
    this._trans = loadTexts(options.translator);
    this._finder = new TargetFinder(options);
    this._finder.changed.connect(() => this._targetChanged.emit());
  }

  /** Emitted when the place that would be inserted into may be another. */
  get targetChanged(): ISignal<this, void> {
    return this._targetChanged;
  }

  /** What the variables of a body stand for now. */
  get world(): IWorld {
    return this.options.world();
  }

  get isDisposed(): boolean {
    return this._finder.isDisposed;
  }

  dispose(): void {
    this._finder.dispose();
    Signal.clearData(this);
  }

  /** The place that an insertion goes to now; null when there is none. */
  target(): ITarget | null {
    return this._finder.find();
  }

  /** A document as a place, at the cell that holds a node; null when it takes no snippets. */
  targetOf(widget: Widget, node: Node): ITarget | null {
    return this._finder.of(widget, node);
  }

  /** What `insert` would do, or why nothing can be inserted. */
  describeTarget(mode: InsertMode = 'auto'): ITargetDescription {
    const target = this.target();
    if (!target) {
      const text = this._trans.__('Open a notebook, console or text file first');
      return { enabled: false, text, language: '' };
    }
    const language = target.textLanguage;
    if (target.readOnly) {
      const text = this._trans.__('%1 is read-only', target.name);
      return { enabled: false, text, language };
    }
    const where = this._where(target);
    const text =
      (mode === 'cells' && target.kind === 'notebook') || wantsNewCell(target)
        ? this._trans.__('Insert as new cells below %1', where)
        : this._trans.__('Insert into %1', where);
    return { enabled: true, text, language };
  }

  /**
   * Insert at the target as one undo step and focus it there; null when the person declined.
   *
   * `auto` goes to the cursor, except that in a notebook several cells, prose among code, and everything while
   * it is in command mode become cells of their own; so do several cells with `cursor`, because one cell cannot hold them. Rejects with `Invalid` when there is no
   * place or it is read-only.
   */
  async insert(
    snippet: IInsertable,
    mode: InsertMode = 'auto'
  ): Promise<IInserted | null> {
    const target = writable(this.target(), this._trans);
    return this._put(snippet, target, mode, null);
  }

  /** The same at an offset of an editor, for a drop. */
  async insertAt(
    snippet: IInsertable,
    target: ITarget,
    offset: number
  ): Promise<IInserted | null> {
    return this._put(snippet, writable(target, this._trans), 'auto', {
      from: offset,
      to: offset
    });
  }

  /** Put the cells of a snippet at an index of a notebook. */
  async insertCells(
    snippet: IInsertable,
    notebook: NotebookPanel,
    index: number
  ): Promise<IInserted | null> {
    const target = writable(ofNotebook(notebook), this._trans);
    const magic = await this._magic(snippet, target, target.language);
    return magic === null ? null : this._putCells(snippet, target, index, magic);
  }

  /** Put code as it is where the person works; returns where. Rejects with `Invalid` like `insert`. */
  insertCode(code: string): ITarget {
    const target = writable(this.target(), this._trans);
    return insertCode(target, code, this.options.shell);
  }

  /**
   * The cells of a snippet as a notebook file holds them, with the defaults filled in.
   *
   * For places that Orrery does not know; what has to be waited for is left out.
   */
  asNotebookCells(snippet: IInsertable): ICell[] {
    return this._render(snippet, { world: this.world }).map(({ kind, expansion }) => ({
      cell_type: kind,
      source: expansion.text,
      metadata: {},
      ...(kind === 'code' ? { outputs: [], execution_count: null } : {})
    }));
  }

  private async _put(
    snippet: IInsertable,
    target: ITarget,
    mode: InsertMode,
    span: ISpan | null
  ): Promise<IInserted | null> {
    const asCells =
      target.kind === 'notebook' && this._wantsCells(snippet, target, mode, span);
    const magic = await this._magic(
      snippet,
      target,
      asCells ? target.language : target.textLanguage
    );
    if (magic === null || target.widget.isDisposed) {
      return null;
    }
    if (target.kind === 'notebook' && (asCells || magic)) {
      return this._putCells(
        snippet,
        target,
        target.widget.content.activeCellIndex + 1,
        magic
      );
    }
    return this._putText(snippet, target, span);
  }

  private _wantsCells(
    snippet: IInsertable,
    target: ITarget,
    mode: InsertMode,
    span: ISpan | null
  ): boolean {
    if (mode === 'cells' || snippet.cells.length > 1 || !target.editor) {
      return true;
    }
    const closed = target.kind === 'notebook' && target.closed;
    const strange = isProse(snippet) && !fits('markdown', target.textLanguage);
    // What is dropped into a text goes there, whatever the mode of the notebook.
    const isAside = span === null && wantsNewCell(target);
    return closed || (mode === 'auto' && (strange || isAside));
  }

  /** What to put at the head of code cells: nothing, or a magic; null when the person declined. */
  private async _magic(
    snippet: IInsertable,
    target: ITarget,
    place: string
  ): Promise<string | null> {
    if (isProse(snippet) || place === 'markdown' || fits(snippet.language, place)) {
      return '';
    }
    const answer = await this.options.confirmLanguage(snippet, target);
    if (answer === 'cancel') {
      return null;
    }
    return answer === 'magic'
      ? (magicFor(snippet.language, target.language) ?? '')
      : '';
  }

  private async _putCells(
    snippet: IInsertable,
    target: ITarget,
    index: number,
    magic: string
  ): Promise<IInserted | null> {
    if (target.kind !== 'notebook') {
      return null;
    }
    const { widget } = target;
    const waited = await this._waited(snippet, target);
    if (widget.isDisposed) {
      return null;
    }
    const at = Math.min(index, widget.content.widgets.length);
    const cells = this._render(snippet, waited, target, magic);
    addCells(widget, at, cells);
    this.options.shell.activateById(widget.id);
    await fillIn(widget, at, cells, this._session(null));
    const after = ofNotebook(widget);
    return { target: after, where: this._where(after, at), cells: cells.length };
  }

  private async _putText(
    snippet: IInsertable,
    target: ITarget,
    span: ISpan | null
  ): Promise<IInserted> {
    const { editor } = target;
    const waited = await this._waited(snippet, target);
    if (!editor || editor.isDisposed || editor.getOption('readOnly') === true) {
      throw new Invalid({
        code: 'invalid',
        message: this._trans.__('%1 cannot be written to here', target.name)
      });
    }
    const view = editor.editor;
    const { from, to } = span ?? view.state.selection.main;
    const text = textAround(view.state, { from, to });
    const place = target.textLanguage;
    const resolve = resolver({
      ...waited,
      ...text,
      path: target.path,
      language: place
    });
    const tab = tabOf(editor.getOption('indentUnit'));
    const expansion = asText(snippet, resolve, tab, place);
    warnUnexpanded([expansion], this._trans);
    const at = placement(
      expansion.text,
      view.state,
      { from, to },
      isBlock(snippet, place),
      { language: place, tab }
    );
    const lines = indented(surrounded(expansion, at.before, ''), at.indent);
    this._show(target);
    insertExpansion(
      view,
      at.from,
      at.to,
      surrounded(lines, '', at.after),
      this._session(editor.model.sharedModel)
    );
    editor.focus();
    return { target, where: this._where(target), cells: 0 };
  }

  private _render(
    snippet: IInsertable,
    waited: Awaited<ReturnType<typeof waitedFor>>,
    target: ITarget | null = null,
    magic = ''
  ): INewCell[] {
    const state = target?.editor?.editor.state;
    const {
      selection = '',
      line = '',
      word = '',
      lineIndex = 0
    } = (state && textAround(state, state.selection.main)) ?? {};
    const resolve = resolver({
      ...waited,
      selection,
      line,
      word,
      lineIndex,
      path: target?.path ?? '',
      language: snippet.language
    });
    const tab = tabOf(target?.editor?.getOption('indentUnit'));
    const cells = asCells(snippet, resolve, tab, magic || null);
    warnUnexpanded(
      cells.map(({ expansion }) => expansion),
      this._trans
    );
    return cells;
  }

  private _waited(snippet: IInsertable, target: ITarget): ReturnType<typeof waitedFor> {
    const { world, readClipboard } = this.options;
    return waitedFor(variablesIn(snippet), target.kernel, world(), readClipboard);
  }

  private _show(target: ITarget): void {
    this.options.shell.activateById(target.widget.id);
    if (target.kind === 'notebook') {
      target.widget.content.activeCellIndex = target.cell;
      target.widget.content.mode = 'edit';
    }
  }

  private _session(shared: object | null): ISessionOptions {
    return {
      separateUndo: () => shared && separateUndo(shared),
      label: (position, count) => this._trans.__('Field %1 of %2', position, count)
    };
  }

  /** The place, in words: "analysis.ipynb, cell 3". */
  private _where(target: ITarget, cell?: number): string {
    if (target.kind === 'notebook') {
      const number = (cell ?? target.cell) + 1;
      return number > 0
        ? this._trans.__('%1, cell %2', target.name, number)
        : target.name;
    }
    if (target.kind === 'editor' && target.editor) {
      const line = target.editor.getCursorPosition().line + 1;
      return this._trans.__('%1, line %2', target.name, line);
    }
    return target.name;
  }

  private readonly _trans: TranslationBundle;
  private readonly _finder: TargetFinder;
  private readonly _targetChanged = new Signal<this, void>(this);
}
