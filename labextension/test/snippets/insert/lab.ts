/**
 * Real notebooks, files and consoles on a shell that only remembers what is current.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { WidgetTracker } from '@jupyterlab/apputils';
import { ConsolePanel, type IConsoleTracker } from '@jupyterlab/console';
import {
  Context,
  DocumentWidget,
  TextModelFactory,
  type IDocumentWidget
} from '@jupyterlab/docregistry';
import { FileEditor, type IEditorTracker } from '@jupyterlab/fileeditor';
import type { ICell, INotebookContent } from '@jupyterlab/nbformat';
import { NotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { ServiceManagerMock } from '@jupyterlab/services/lib/testutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { IInsertable } from '../../../src/snippets/insert/rendering';

/** What a test needs of a lab. */
export class Bench {
  readonly notebooks = new NotebookTracker({ namespace: 'notebook' });
  readonly consoles = new WidgetTracker<ConsolePanel>({ namespace: 'console' });
  readonly editors = new WidgetTracker<IDocumentWidget<FileEditor>>({
    namespace: 'editor'
  });
  readonly activated: string[] = [];
  private readonly _widgets: Widget[] = [];
  private _current: Widget | null = null;
  private readonly _changed = new Signal<object, unknown>(this);

  get shell(): JupyterFrontEnd.IShell {
    return this as unknown as JupyterFrontEnd.IShell;
  }

  get places() {
    const { shell, notebooks, consoles, editors } = this;
    return {
      shell,
      notebooks,
      consoles: consoles as IConsoleTracker,
      editors: editors as IEditorTracker
    };
  }

  get currentChanged() {
    return this._changed;
  }

  get currentWidget(): Widget | null {
    return this._current;
  }

  set currentWidget(widget: Widget | null) {
    this._current = widget;
    this._changed.emit(undefined);
  }

  widgets(): Iterable<Widget> {
    return this._widgets.filter(widget => !widget.isDisposed);
  }

  activateById(id: string): void {
    this.activated.push(id);
  }

  async notebook(
    cells: readonly Partial<ICell>[],
    more: object = {}
  ): Promise<NotebookPanel> {
    const context = await NBTestUtils.createMockContext();
    const content: INotebookContent = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {
        language_info: { name: 'python' },
        ...more
      },
      cells: cells.map(cell => ({
        cell_type: 'code',
        metadata: {},
        source: '',
        ...(cell.cell_type ? {} : { outputs: [], execution_count: null }),
        ...cell
      }))
    };
    const panel = NBTestUtils.createNotebookPanel(context);
    await context.ready;
    context.model.fromJSON(content);
    context.model.sharedModel.clearUndoHistory();
    this._add(panel);
    await this.notebooks.add(panel);
    await Promise.all(panel.content.widgets.map(widget => widget.ready));
    // The person writes in the first cell, unless a test says otherwise.
    if (panel.content.activeCell?.model.type === 'code') {
      panel.content.mode = 'edit';
    }
    return panel;
  }

  async file(name: string, source: string, mimeType: string) {
    const context = new Context({
      manager: new ServiceManagerMock(),
      factory: new TextModelFactory(),
      path: name
    });
    await context.initialize(true);
    context.model.sharedModel.setSource(source);
    context.model.sharedModel.clearUndoHistory();
    const content = new FileEditor({
      factory: NBTestUtils.editorFactory,
      mimeTypeService: NBTestUtils.mimeTypeService,
      context
    });
    const widget = new DocumentWidget({ content, context });
    await context.ready;
    content.model.mimeType = mimeType;
    this._add(widget);
    await this.editors.add(widget);
    return widget;
  }

  async console(): Promise<ConsolePanel> {
    const manager = new ServiceManagerMock();
    const panel = new ConsolePanel({
      manager,
      rendermime: NBTestUtils.defaultRenderMime(),
      contentFactory: new ConsolePanel.ContentFactory({
        editorFactory: NBTestUtils.editorFactory
      }),
      mimeTypeService: NBTestUtils.mimeTypeService
    });
    this._add(panel);
    await this.consoles.add(panel);
    await until(() => panel.console.promptCell?.editor);
    return panel;
  }

  dispose(): void {
    this._current = null;
    for (const widget of this._widgets.splice(0)) {
      widget.dispose();
    }
    document.body.replaceChildren();
  }

  private _add(widget: Widget): void {
    Widget.attach(widget, document.body);
    this._widgets.push(widget);
    this.currentWidget = widget;
  }
}

/** Wait for something that becomes true. */
export async function until<T>(ask: () => T): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 200; tries++) {
    const value = ask();
    if (value) {
      return value;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('It did not come to pass.');
}

/** A snippet of cells; a text alone is one code cell. */
export function snippet(
  cells: string | IInsertable['cells'],
  more: Partial<IInsertable> = {}
): IInsertable {
  return {
    name: 'One',
    language: 'python',
    syntax: 'vscode',
    cells: typeof cells === 'string' ? [{ kind: 'code', source: cells }] : cells,
    ...more
  };
}

/** The kinds and texts of a notebook's cells. */
export function cellsOf(panel: NotebookPanel): [string, string][] {
  return panel.content.widgets.map(({ model }) => [
    model.type,
    model.sharedModel.getSource()
  ]);
}

/** The editor of a notebook's cell. */
export function editorOf(panel: NotebookPanel, index: number): CodeMirrorEditor {
  return panel.content.widgets[index].editor as CodeMirrorEditor;
}
