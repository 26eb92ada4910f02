/**
 * New cells in a notebook, and the stops in them one cell after the other.
 */
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { Cell, MarkdownCell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { separateUndo } from '../../base/insert/codeinserter';
import { hasStops } from '../body/compose';
import { startSession, type ISessionOptions } from './session';
import type { INewCell } from './rendering';

/** Put cells into a notebook as one undo step; the first of them becomes the active cell. */
export function addCells(
  panel: NotebookPanel,
  index: number,
  cells: readonly INewCell[]
): void {
  const notebook = panel.content;
  const shared = notebook.model?.sharedModel;
  if (!shared) {
    return;
  }
  separateUndo(shared);
  shared.insertCells(
    index,
    cells.map(({ kind, expansion }) => ({
      cell_type: kind,
      source: expansion.text,
      // The person asked for this code: running it later needs no further trust.
      metadata: kind === 'code' ? { trusted: true } : {}
    }))
  );
  separateUndo(shared);
  notebook.deselectAll();
  notebook.activeCellIndex = index;
}

/** Show the prose of new cells rendered and go to the first cell with stops, else into the first one. */
export async function fillIn(
  panel: NotebookPanel,
  index: number,
  cells: readonly INewCell[],
  options: ISessionOptions
): Promise<void> {
  const notebook = panel.content;
  const widgets = cells.map((_, offset) => notebook.widgets[index + offset]);
  widgets.forEach((widget, offset) => {
    if (isMarkdown(widget)) {
      widget.rendered = !hasStops(cells[offset].expansion);
    }
  });
  const pending = widgets
    .map((widget, offset) => ({ widget, cell: cells[offset] }))
    .filter(({ cell }) => hasStops(cell.expansion));
  if (pending.length === 0) {
    const first = widgets.findIndex(widget => !isMarkdown(widget));
    notebook.activeCellIndex = index + Math.max(first, 0);
    notebook.mode = first < 0 ? 'command' : 'edit';
    await NotebookActions.focusActiveCell(notebook);
    placeCursor(widgets[first], cells[first]);
    return;
  }
  const next = async (position: number): Promise<void> => {
    const { widget, cell } = pending[position];
    if (!(await enter(panel, widget, cell))) {
      return;
    }
    const editor = widget.editor as CodeMirrorEditor;
    startSession(editor.editor, 0, cell.expansion, {
      ...options,
      onEnd: how => {
        if (how === 'done' && position + 1 < pending.length) {
          if (isMarkdown(widget)) {
            widget.rendered = true;
          }
          void next(position + 1);
        } else {
          options.onEnd?.(how);
        }
      }
    });
  };
  await next(0);
}

/** Go into a cell that still is as it was inserted; false when it is not. */
async function enter(
  panel: NotebookPanel,
  widget: Cell,
  cell: INewCell
): Promise<boolean> {
  const notebook = panel.content;
  const index = notebook.widgets.indexOf(widget);
  if (index < 0 || widget.model.sharedModel.getSource() !== cell.expansion.text) {
    return false;
  }
  notebook.activeCellIndex = index;
  if (isMarkdown(widget)) {
    widget.rendered = false;
  }
  notebook.mode = 'edit';
  await NotebookActions.focusActiveCell(notebook);
  await widget.ready;
  widget.editor?.focus();
  return widget.editor instanceof CodeMirrorEditor;
}

function placeCursor(widget: Cell | undefined, cell: INewCell | undefined): void {
  if (cell && widget?.editor instanceof CodeMirrorEditor) {
    const [{ ranges }] = cell.expansion.stops;
    widget.editor.editor.dispatch({
      selection: { anchor: ranges[0].from, head: ranges[0].to }
    });
  }
}

function isMarkdown(widget: Cell | undefined): widget is MarkdownCell {
  return widget?.model.type === 'markdown';
}
