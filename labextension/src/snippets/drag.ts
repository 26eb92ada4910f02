/**
 * Dragging snippets out of the panel, and cells and text onto it.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICell } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { MimeData } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';

import { draftOfCells, draftOfText, type IDraft } from './capture';
import { DropMark, type IBox } from './drag/mark';
import type { IInsertable, Inserter, ITarget } from './insert';
import { languageOfMime } from './insert/languages';

/** A dragged snippet: `Snippet` as it is. */
export const SNIPPET_MIME = 'application/vnd.orrery.snippet+json';
/** Cells as JupyterLab drags them. */
export const CELLS_MIME = 'application/vnd.jupyter.cells';

/** A snippet that may be stored. */
export type IDragged = IInsertable & { id?: string };

export interface ISnippetDragOptions {
  inserter: Inserter;
  shell: JupyterFrontEnd.IShell;
  /** Told when a drop fails. */
  onError: (error: unknown) => void;
  /** Told after a drop, to count the use. */
  onInserted?: (snippet: IDragged) => void;
}

/** Where a drop would go. */
type Aim =
  | { kind: 'text'; target: ITarget; offset: number }
  | { kind: 'cells'; notebook: NotebookPanel; index: number };

/**
 * Drags rows of the panel into notebooks, files and consoles.
 *
 * The document is listened to only while one of these drags is under way, so that no other drag is touched.
 */
export class SnippetDrag implements IDisposable {
  constructor(private readonly options: ISnippetDragOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._drag?.dispose();
    this._end();
  }

  /**
   * Begin a drag; call it from pointermove, once the pointer has gone 5 px since pointerdown.
   * Resolves when it is over, with null when another one is under way.
   */
  async start(
    snippet: IDragged,
    clientX: number,
    clientY: number
  ): Promise<Drag.DropAction | null> {
    if (this._drag || this._isDisposed) {
      return null;
    }
    const mimeData = new MimeData();
    mimeData.setData(SNIPPET_MIME, snippet);
    mimeData.setData(CELLS_MIME, this.options.inserter.asNotebookCells(snippet));
    mimeData.setData('text/plain', snippet.cells.map(cell => cell.source).join('\n\n'));
    this._snippet = snippet;
    this._drag = new Drag({
      mimeData,
      dragImage: imageOf(snippet),
      supportedActions: 'copy-move',
      proposedAction: 'copy',
      source: this
    });
    for (const type of EVENTS) {
      document.addEventListener(type, this, true);
    }
    try {
      return await this._drag.start(clientX, clientY);
    } finally {
      this._end();
    }
  }

  /** Listens to the drag's events before the widgets do. */
  handleEvent(event: Event): void {
    const drag = event as Drag.Event;
    if (drag.source !== this) {
      return;
    }
    const aim = this._aim(drag);
    this._mark.show(aim ? markOf(aim) : null);
    if (!aim) {
      return;
    }
    drag.preventDefault();
    drag.stopPropagation();
    if (drag.type === 'lm-dragleave') {
      this._mark.show(null);
      return;
    }
    drag.dropAction = drag.type === 'lm-dragenter' ? drag.dropAction : 'copy';
    if (drag.type === 'lm-drop') {
      this._mark.show(null);
      void this._drop(aim);
    }
  }

  private async _drop(aim: Aim): Promise<void> {
    const { inserter, onError, onInserted } = this.options;
    const snippet = this._snippet;
    if (!snippet) {
      return;
    }
    try {
      const inserted =
        aim.kind === 'text'
          ? await inserter.insertAt(snippet, aim.target, aim.offset)
          : await inserter.insertCells(snippet, aim.notebook, aim.index);
      if (inserted) {
        onInserted?.(snippet);
      }
    } catch (error) {
      onError(error);
    }
  }

  /** What is under the pointer; null when it takes no snippets. */
  private _aim(event: Drag.Event): Aim | null {
    const node = event.target as HTMLElement;
    const panel = widgetAround(node, this.options.shell);
    const target = panel && this.options.inserter.targetOf(panel, node);
    if (!target || target.readOnly) {
      return null;
    }
    const { editor } = target;
    const oneText = target.kind !== 'notebook' || this._snippet?.cells.length === 1;
    if (
      oneText &&
      editor &&
      isOver(editor.host, event) &&
      editor.getOption('readOnly') !== true
    ) {
      const at = editor.editor.posAtCoords(
        { x: event.clientX, y: event.clientY },
        false
      );
      return { kind: 'text', target, offset: at };
    }
    if (target.kind !== 'notebook') {
      return null;
    }
    const notebook = target.widget;
    if (!notebook.content.node.contains(node)) {
      return null;
    }
    return { kind: 'cells', notebook, index: indexAt(notebook, event.clientY) };
  }

  private _end(): void {
    this._drag = null;
    this._mark.show(null);
    for (const type of EVENTS) {
      document.removeEventListener(type, this, true);
    }
  }

  private _drag: Drag | null = null;
  private _snippet: IDragged | null = null;
  private _isDisposed = false;
  private readonly _mark = new DropMark();
}

const EVENTS = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'] as const;

/** Whether the pointer is above a node, be there a toolbar between them. */
function isOver(node: HTMLElement, { clientX, clientY }: Drag.Event): boolean {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return left <= clientX && clientX <= right && top <= clientY && clientY <= bottom;
}

/** The document in the main area that holds a node. */
function widgetAround(node: HTMLElement, shell: JupyterFrontEnd.IShell): Widget | null {
  for (const widget of shell.widgets('main')) {
    if (widget.node.contains(node)) {
      return widget;
    }
  }
  return null;
}

/** Where new cells go: before the first cell whose middle is below the pointer. */
function indexAt({ content }: NotebookPanel, y: number): number {
  const below = content.widgets.findIndex(({ node }) => {
    const { top, height } = node.getBoundingClientRect();
    return node.isConnected && y < top + height / 2;
  });
  return below < 0 ? content.widgets.length : below;
}

/** The line to draw: an upright one in a text, a level one between cells. */
function markOf(aim: Aim): IBox | null {
  if (aim.kind === 'text') {
    const at = aim.target.editor?.editor.coordsAtPos(aim.offset);
    return at
      ? { left: at.left - 1, top: at.top, width: 2, height: at.bottom - at.top }
      : null;
  }
  const { content } = aim.notebook;
  const after = content.widgets[aim.index];
  const before = content.widgets[aim.index - 1];
  const box = (after ?? before ?? content).node.getBoundingClientRect();
  return {
    left: box.left,
    top: after ? box.top - 1 : box.bottom - 1,
    width: box.width,
    height: 2
  };
}

function imageOf(snippet: IDragged): HTMLElement {
  const node = document.createElement('div');
  node.className = 'orrery-snippets-drag-image';
  node.textContent = snippet.name;
  Object.assign(node.style, {
    padding: '2px 8px',
    font: 'var(--jp-ui-font-size1) var(--jp-ui-font-family)',
    color: 'var(--jp-ui-font-color1)',
    background: 'var(--jp-layout-color1)',
    border: '1px solid var(--jp-border-color1)',
    borderRadius: 'var(--jp-border-radius)',
    boxShadow: 'var(--jp-elevation-z2)',
    whiteSpace: 'nowrap'
  });
  return node;
}

/** Makes a node take dropped cells and text, for a draft of a new snippet. */
export class DraftDrop implements IDisposable {
  /** `node` gets the class `orrery-snippets-mod-drop` while something that fits is above it. */
  constructor(
    private readonly options: { node: HTMLElement; onDraft: (draft: IDraft) => void }
  ) {
    for (const type of [...EVENTS, ...NATIVE]) {
      options.node.addEventListener(type, this);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._light(false);
    for (const type of [...EVENTS, ...NATIVE]) {
      this.options.node.removeEventListener(type, this);
    }
  }

  handleEvent(event: Event): void {
    if (event.type.startsWith('lm-')) {
      this._cells(event as Drag.Event);
    } else {
      this._text(event as DragEvent);
    }
  }

  /** A drag of JupyterLab's: cells of a notebook. */
  private _cells(event: Drag.Event): void {
    const { mimeData, type } = event;
    if (mimeData.hasData(SNIPPET_MIME) || !mimeData.hasData(CELLS_MIME)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this._light(type === 'lm-dragenter' || type === 'lm-dragover');
    if (type !== 'lm-dragenter') {
      event.dropAction = 'copy';
    }
    if (type === 'lm-drop') {
      this._tell(
        draftOfCells(mimeData.getData(CELLS_MIME) as ICell[], languageOf(event.source))
      );
    }
  }

  /** A drag of the browser's: selected text. */
  private _text(event: DragEvent): void {
    const { dataTransfer, type } = event;
    const types = dataTransfer?.types ?? [];
    // Files are somebody else's, and so is a link.
    if (!dataTransfer || !types.includes('text/plain') || types.includes('Files')) {
      return;
    }
    event.preventDefault();
    this._light(type === 'dragenter' || type === 'dragover');
    dataTransfer.dropEffect = 'copy';
    if (type === 'drop') {
      event.stopPropagation();
      this._tell(draftOfText(dataTransfer.getData('text/plain'), 'python'));
    }
  }

  private _tell(draft: IDraft | null): void {
    if (draft) {
      this.options.onDraft(draft);
    }
  }

  private _light(on: boolean): void {
    this.options.node.classList.toggle('orrery-snippets-mod-drop', on);
  }

  private _isDisposed = false;
}

const NATIVE = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;

/** The language of the notebook that cells are dragged from. */
function languageOf(source: unknown): string {
  const mime = (source as { codeMimetype?: unknown } | null)?.codeMimetype;
  return typeof mime === 'string' ? languageOfMime(mime) : 'python';
}
