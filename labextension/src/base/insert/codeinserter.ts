/**
 * Puts code where the person works: a new cell of a notebook, or lines of their own in a console or file.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Invalid } from '../errors';
import { notifyError } from '../notify';
import {
  TargetFinder,
  isBlank,
  withoutDrive,
  type IPlaces,
  type ITarget
} from './target';

const NEW_NOTEBOOK = 'notebook:create-new';

/** Puts code where the person last worked, as one undo step. */
export class CodeInserter {
  constructor(
    private readonly options: IPlaces & {
      trans: TranslationBundle;
      /** Offers a new notebook when there is no place; null offers none. */
      app?: JupyterFrontEnd | null;
    }
  ) {
    this._finder = new TargetFinder(options);
  }

  /**
   * Insert code; returns where it went, or null when a new notebook was offered instead.
   *
   * Throws `Invalid` when the place is read-only, or there is none and no notebook can be made.
   */
  insert(code: string): ITarget | null {
    const target = this._finder.find();
    const { app, trans } = this.options;
    if (!target && app?.commands.hasCommand(NEW_NOTEBOOK)) {
      notifyError(noPlace(trans), trans, {
        label: trans.__('New notebook'),
        callback: () =>
          void this._insertIntoNew(app, code).catch(error => notifyError(error, trans))
      });
      return null;
    }
    return insertCode(writable(target, trans), code, this.options.shell);
  }

  /** The folder of the place, from the root of the lab's files; null when there is none yet. */
  get folder(): string | null {
    const target = this._finder.find();
    return target && PathExt.dirname(withoutDrive(target.path));
  }

  private async _insertIntoNew(app: JupyterFrontEnd, code: string): Promise<void> {
    // With the default kernel: else the person would be asked which.
    const { specs } = app.serviceManager.kernelspecs;
    const args = { kernelName: specs?.default };
    const panel = (await app.commands.execute(NEW_NOTEBOOK, args)) as NotebookPanel;
    await panel.context.ready;
    this.insert(code);
  }

  private readonly _finder: TargetFinder;
}

/** A place that can be written to; throws `Invalid` when it cannot, or there is none. */
export function writable(target: ITarget | null, trans: TranslationBundle): ITarget {
  if (!target) {
    throw noPlace(trans);
  }
  if (target.readOnly) {
    throw new Invalid({
      code: 'invalid',
      message: trans.__('%1 is read-only', target.name)
    });
  }
  return target;
}

function noPlace(trans: TranslationBundle): Invalid {
  return new Invalid({
    code: 'invalid',
    message: trans.__('There is no place to insert into'),
    remedy: trans.__('Open a notebook, console or text file first.')
  });
}

/** Insert code at a place: below the active cell, in it when that is blank, or at the cursor of an editor. */
export function insertCode(
  target: ITarget,
  code: string,
  shell: JupyterFrontEnd.IShell
): ITarget {
  shell.activateById(target.widget.id);
  if (target.kind === 'notebook' && !isBlank(target)) {
    insertCell(target.widget, code);
  } else {
    insertLines(target, code);
  }
  return target;
}

/** A new code cell below the active one, which becomes the active cell. */
function insertCell({ content }: NotebookPanel, code: string): void {
  const shared = content.model?.sharedModel;
  if (!shared) {
    return;
  }
  const index = content.activeCellIndex + 1;
  separateUndo(shared);
  // The person asked for this code: running it later needs no further trust.
  const metadata = { trusted: true };
  shared.insertCells(index, [{ cell_type: 'code', source: code, metadata }]);
  separateUndo(shared);
  content.deselectAll();
  content.activeCellIndex = index;
  content.mode = 'edit';
}

/** Lines of their own at the cursor. */
function insertLines({ editor }: ITarget, code: string): void {
  if (!editor) {
    return;
  }
  const view = editor.editor;
  const { from, to } = view.state.selection.main;
  const before = view.state.doc.lineAt(from);
  const after = view.state.doc.lineAt(to);
  const lead = before.text.slice(0, from - before.from).trim() ? '\n' : '';
  const tail = after.text.slice(to - after.from).trim() ? '\n' : '';
  const { sharedModel } = editor.model;
  separateUndo(sharedModel);
  view.dispatch({
    changes: { from, to, insert: `${lead}${code}${tail}` },
    selection: { anchor: from + lead.length + code.length },
    scrollIntoView: true,
    userEvent: 'input'
  });
  separateUndo(sharedModel);
  editor.focus();
}

/** End the undo step that is under way in a shared model. */
export function separateUndo(shared: object): void {
  const { undoManager } = shared as {
    undoManager?: { stopCapturing?: () => void } | null;
  };
  undoManager?.stopCapturing?.();
}
