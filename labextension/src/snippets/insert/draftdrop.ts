/**
 * Cells and text that are dropped onto the panel, for a new snippet.
 */
import type { ICell } from '@jupyterlab/nbformat';
import type { IDisposable } from '@lumino/disposable';
import type { Drag } from '@lumino/dragdrop';

import { languageOfMime } from '../../base/insert/languages';
import { draftOfCells, draftOfText, type IDraft } from './capture';
import { CELLS_MIME, DRAG_EVENTS, SNIPPET_MIME } from './drag';

/** Makes a node take dropped cells and text, for a draft of a new snippet. */
export class DraftDrop implements IDisposable {
  /** `node` gets the class `orrery-mod-drop` while something that fits is above it. */
  constructor(
    private readonly options: { node: HTMLElement; onDraft: (draft: IDraft) => void }
  ) {
    for (const type of [...DRAG_EVENTS, ...NATIVE]) {
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
    this._highlight(false);
    for (const type of [...DRAG_EVENTS, ...NATIVE]) {
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
    this._highlight(type === 'lm-dragenter' || type === 'lm-dragover');
    if (type !== 'lm-dragenter') {
      event.dropAction = 'copy';
    }
    if (type === 'lm-drop') {
      this._emit(
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
    this._highlight(type === 'dragenter' || type === 'dragover');
    dataTransfer.dropEffect = 'copy';
    if (type === 'drop') {
      event.stopPropagation();
      this._emit(draftOfText(dataTransfer.getData('text/plain'), 'python'));
    }
  }

  private _emit(draft: IDraft | null): void {
    if (draft) {
      this.options.onDraft(draft);
    }
  }

  private _highlight(on: boolean): void {
    this.options.node.classList.toggle('orrery-mod-drop', on);
  }

  private _isDisposed = false;
}

const NATIVE = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;

/** The language of the notebook that cells are dragged from. */
function languageOf(source: unknown): string {
  const mime = (source as { codeMimetype?: unknown } | null)?.codeMimetype;
  return typeof mime === 'string' ? languageOfMime(mime) : 'python';
}
