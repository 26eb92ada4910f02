/**
 * Dragging snippets out of the panel.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { MimeData } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';

import type { ITarget } from '../../base/insert/target';
import { DropIndicator, type IBox } from './dropindicator';
import type { Inserter } from './inserter';
import type { IInsertable } from './rendering';

/** A dragged snippet: `Snippet` as it is. */
export const SNIPPET_MIME = 'application/vnd.orrery.snippet+json';
/** Cells as JupyterLab drags them. */
export const CELLS_MIME = 'application/vnd.jupyter.cells';

/** A snippet that may be stored. */
export type IDragged = IInsertable & { id?: string };

export interface ISnippetDragOptions {
  inserter: Inserter;
  shell: JupyterFrontEnd.IShell;
  /** Called when a drop fails. */
  onError: (error: unknown) => void;
  /** Called after a drop, to count the use. */
  onInserted?: (snippet: IDragged) => void;
}

/** Where a drop would go. */
type DropPlace =
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
    for (const type of DRAG_EVENTS) {
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
    const place = this._placeUnder(drag);
    this._indicator.show(place ? lineAt(place) : null);
    if (!place) {
      return;
    }
    drag.preventDefault();
    drag.stopPropagation();
    if (drag.type === 'lm-dragleave') {
      this._indicator.show(null);
      return;
    }
    drag.dropAction = drag.type === 'lm-dragenter' ? drag.dropAction : 'copy';
    if (drag.type === 'lm-drop') {
      this._indicator.show(null);
      void this._drop(place);
    }
  }

  private async _drop(place: DropPlace): Promise<void> {
    const { inserter, onError, onInserted } = this.options;
    const snippet = this._snippet;
    if (!snippet) {
      return;
    }
    try {
      const inserted =
        place.kind === 'text'
          ? await inserter.insertAt(snippet, place.target, place.offset)
          : await inserter.insertCells(snippet, place.notebook, place.index);
      if (inserted) {
        onInserted?.(snippet);
      }
    } catch (error) {
      onError(error);
    }
  }

  /** What is under the pointer; null when it takes no snippets. */
  private _placeUnder(event: Drag.Event): DropPlace | null {
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
    this._indicator.show(null);
    for (const type of DRAG_EVENTS) {
      document.removeEventListener(type, this, true);
    }
  }

  private _drag: Drag | null = null;
  private _snippet: IDragged | null = null;
  private _isDisposed = false;
  private readonly _indicator = new DropIndicator();
}

export const DRAG_EVENTS = [
  'lm-dragenter',
  'lm-dragover',
  'lm-dragleave',
  'lm-drop'
] as const;

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
function lineAt(place: DropPlace): IBox | null {
  if (place.kind === 'text') {
    const at = place.target.editor?.editor.coordsAtPos(place.offset);
    return at
      ? { left: at.left - 1, top: at.top, width: 2, height: at.bottom - at.top }
      : null;
  }
  const { content } = place.notebook;
  const after = content.widgets[place.index];
  const before = content.widgets[place.index - 1];
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
