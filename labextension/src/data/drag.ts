/**
 * Dragging a node of the tree into a notebook: what is dropped is a cell with the code that loads it.
 */
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

import type { INode } from './model';
import { nameOf } from './model';

/** Cells as JupyterLab drags them. */
export const CELLS_MIME = 'application/vnd.jupyter.cells';

export interface INodeDragOptions {
  /** The code that loads a node. */
  code: (node: INode) => Promise<string>;
  onError: (error: unknown) => void;
}

/** Drags one node at a time. */
export class NodeDrag {
  constructor(private readonly options: INodeDragOptions) {}

  /** Begin a drag once the code is there, unless the button was let go by then. */
  async start(node: INode, clientX: number, clientY: number): Promise<void> {
    if (this._isBusy || !node.entry || ['folder', 'schema'].includes(node.entry.kind)) {
      return;
    }
    this._isBusy = true;
    const pointer = new Pointer(clientX, clientY);
    try {
      const source = await this.options.code(node);
      if (pointer.isDown) {
        const { x, y } = pointer;
        await new Drag({
          mimeData: cellData(source),
          dragImage: imageOf(nameOf(node)),
          supportedActions: 'copy-move',
          proposedAction: 'copy',
          source: this
        }).start(x, y);
      }
    } catch (error) {
      this.options.onError(error);
    } finally {
      pointer.dispose();
      this._isBusy = false;
    }
  }

  private _isBusy = false;
}

/** Where the pointer is, and whether its button is still down. */
class Pointer {
  constructor(
    public x: number,
    public y: number
  ) {
    document.addEventListener('pointermove', this._onMove, true);
    document.addEventListener('pointerup', this._onUp, true);
  }

  isDown = true;

  dispose(): void {
    document.removeEventListener('pointermove', this._onMove, true);
    document.removeEventListener('pointerup', this._onUp, true);
  }

  private readonly _onMove = ({ clientX, clientY }: PointerEvent): void => {
    [this.x, this.y] = [clientX, clientY];
  };

  private readonly _onUp = (): void => {
    this.isDown = false;
  };
}

function cellData(source: string): MimeData {
  const data = new MimeData();
  const cell = {
    cell_type: 'code',
    source,
    // The person asked for this code: running it later needs no further trust.
    metadata: { trusted: true },
    outputs: [],
    execution_count: null
  };
  data.setData(CELLS_MIME, [cell]);
  return data;
}

function imageOf(name: string): HTMLElement {
  const node = document.createElement('div');
  node.className = 'orrery-data-drag-image';
  node.textContent = name;
  return node;
}
