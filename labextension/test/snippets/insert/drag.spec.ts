import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

import type { IDraft } from '../../../src/snippets/insert/capture';
import { DraftDrop } from '../../../src/snippets/insert/draftdrop';
import {
  CELLS_MIME,
  SNIPPET_MIME,
  SnippetDrag
} from '../../../src/snippets/insert/drag';
import { Inserter } from '../../../src/snippets/insert/inserter';
import { Bench, cellsOf, editorOf, snippet, until } from './lab';

// The window of the tests has no pointer events; the drag begins with one.
globalThis.PointerEvent ??= MouseEvent as typeof PointerEvent;

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

interface IDragging {
  drag: SnippetDrag;
  onError: jest.Mock;
  onInserted: jest.Mock;
}

function dragging(): IDragging {
  const onError = jest.fn();
  const onInserted = jest.fn();
  const inserter = new Inserter({
    ...bench.places,
    confirmLanguage: () => Promise.resolve('insert' as const),
    world: () => ({})
  });
  const drag = new SnippetDrag({ inserter, shell: bench.shell, onError, onInserted });
  return { drag, onError, onInserted };
}

/** Give a node a place in a window that has no layout. */
function place(node: Element, top: number, height: number): void {
  node.getBoundingClientRect = () =>
    ({ left: 0, right: 500, width: 500, top, bottom: top + height, height }) as DOMRect;
}

/** An event of the drag's, as Lumino makes it. */
function event(
  type: string,
  source: unknown,
  y: number,
  mimeData = new MimeData()
): Drag.Event {
  const made = new MouseEvent(type, {
    bubbles: true,
    cancelable: true,
    clientX: 10,
    clientY: y
  });
  return Object.assign(made, {
    source,
    mimeData,
    dropAction: 'none',
    proposedAction: 'copy',
    supportedActions: 'copy-move'
  }) as unknown as Drag.Event;
}

function fire(node: Element, ...given: Parameters<typeof event>): Drag.Event {
  const made = event(...given);
  node.dispatchEvent(made);
  return made;
}

const marks = () => document.querySelectorAll('.orrery-drop-indicator').length;

describe('a dragged snippet', () => {
  it('goes to the text below the pointer', async () => {
    const { drag, onInserted, onError } = dragging();
    const panel = await bench.notebook([{ source: 'abc' }, { source: 'z' }]);
    const editor = editorOf(panel, 0);
    place(editor.host, 0, 50);
    editor.editor.posAtCoords = () => 1;
    editor.editor.coordsAtPos = () => ({ left: 5, right: 5, top: 0, bottom: 20 });
    const over = drag.start(snippet('-${1:x}-', { name: 'N' }), 0, 0);
    const enter = fire(editor.host, 'lm-dragenter', drag, 10);
    expect(enter.defaultPrevented).toBe(true);
    expect(fire(editor.host, 'lm-dragover', drag, 10).dropAction).toBe('copy');
    expect(marks()).toBe(1);
    fire(editor.host, 'lm-dragleave', drag, 10);
    expect(marks()).toBe(0);
    fire(editor.host, 'lm-drop', drag, 10);
    await until(() => onInserted.mock.calls.length);
    expect(cellsOf(panel)[0][1]).toBe('a-x-bc');
    expect(onError).not.toHaveBeenCalled();
    drag.dispose();
    await over;
    expect(drag.isDisposed).toBe(true);
  });

  it('goes between the cells otherwise, and several cells always do', async () => {
    const { drag, onInserted } = dragging();
    const panel = await bench.notebook([{ source: 'a' }, { source: 'b' }]);
    const cells = snippet([
      { kind: 'markdown', source: '# T' },
      { kind: 'code', source: 'x' }
    ]);
    panel.content.widgets.forEach((widget, index) =>
      place(widget.node, index * 100, 100)
    );
    place(editorOf(panel, 0).host, 0, 100);
    void drag.start(cells, 0, 0);
    const { host } = editorOf(panel, 0);
    fire(host, 'lm-dragover', drag, 80);
    expect(marks()).toBe(1);
    fire(host, 'lm-drop', drag, 80);
    await until(() => onInserted.mock.calls.length);
    expect(cellsOf(panel).map(cell => cell[1])).toEqual(['a', '# T', 'x', 'b']);
    fire(panel.content.node, 'lm-dragover', drag, 5000);
    fire(panel.content.node, 'lm-drop', drag, 5000);
    await until(() => onInserted.mock.calls.length === 2);
    expect(cellsOf(panel).length).toBe(6);
    drag.dispose();
  });

  it('is not taken by what is read-only, no document, or the frame of one', async () => {
    const { drag, onInserted } = dragging();
    const panel = await bench.notebook([{ source: 'a' }]);
    const file = await bench.file('a.py', '', 'text/x-python');
    void drag.start(snippet('x'), 0, 0);
    expect(fire(document.body, 'lm-dragenter', drag, 10).defaultPrevented).toBe(false);
    expect(fire(panel.toolbar.node, 'lm-dragenter', drag, 10).defaultPrevented).toBe(
      false
    );
    expect(fire(file.toolbar.node, 'lm-dragenter', drag, 10).defaultPrevented).toBe(
      false
    );
    panel.content.model!.readOnly = true;
    expect(fire(panel.content.node, 'lm-dragenter', drag, 10).defaultPrevented).toBe(
      false
    );
    expect(onInserted).not.toHaveBeenCalled();
    drag.dispose();
  });

  it('leaves other drags alone', async () => {
    const { drag } = dragging();
    const panel = await bench.notebook([{ source: 'a' }]);
    void drag.start(snippet('x'), 0, 0);
    fire(panel.content.node, 'lm-dragover', panel.content, 10);
    expect(marks()).toBe(0);
    drag.dispose();
    fire(panel.content.node, 'lm-dragover', drag, 10);
    expect(marks()).toBe(0);
  });

  it('tells what went wrong', async () => {
    const { drag, onError } = dragging();
    const panel = await bench.notebook([{ source: 'a' }]);
    const editor = editorOf(panel, 0);
    place(editor.host, 0, 50);
    editor.editor.posAtCoords = () => 0;
    void drag.start(snippet('x'), 0, 0);
    fire(editor.host, 'lm-drop', drag, 10);
    editor.setOption('readOnly', true);
    await until(() => onError.mock.calls.length);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'invalid' }));
    drag.dispose();
  });

  it('is the only one, and carries cells and text for others', async () => {
    const { drag } = dragging();
    const started = jest.spyOn(Drag.prototype, 'start');
    void drag.start(snippet('a ${1:b}', { name: 'N' }), 0, 0);
    expect(await drag.start(snippet('c'), 0, 0)).toBeNull();
    const { mimeData } = started.mock.contexts[0] as Drag;
    expect(mimeData.getData(SNIPPET_MIME)).toMatchObject({ name: 'N' });
    expect(mimeData.getData(CELLS_MIME)).toMatchObject([
      { cell_type: 'code', source: 'a b' }
    ]);
    expect(mimeData.getData('text/plain')).toBe('a ${1:b}');
    drag.dispose();
    expect(await drag.start(snippet('c'), 0, 0)).toBeNull();
    started.mockRestore();
  });
});

describe('the panel', () => {
  function dropping() {
    const node = document.body.appendChild(document.createElement('div'));
    const drafts: IDraft[] = [];
    const drop = new DraftDrop({ node, onDraft: draft => drafts.push(draft) });
    return { node, drafts, drop };
  }

  const lit = (node: Element) => node.classList.contains('orrery-mod-drop');

  it('takes the cells of a notebook', () => {
    const { node, drafts, drop } = dropping();
    const cells = new MimeData();
    cells.setData(CELLS_MIME, [
      { cell_type: 'code', metadata: {}, source: '# Load\nx' }
    ]);
    const notebook = { codeMimetype: 'text/x-rsrc' };
    expect(fire(node, 'lm-dragenter', notebook, 0, cells).defaultPrevented).toBe(true);
    expect(lit(node)).toBe(true);
    fire(node, 'lm-dragleave', notebook, 0, cells);
    expect(lit(node)).toBe(false);
    expect(fire(node, 'lm-dragover', notebook, 0, cells).dropAction).toBe('copy');
    fire(node, 'lm-drop', notebook, 0, cells);
    expect(lit(node)).toBe(false);
    expect(drafts).toMatchObject([{ name: 'Load', language: 'r' }]);
    fire(node, 'lm-drop', null, 0, cells);
    expect(drafts[1].language).toBe('python');
    expect(drop.isDisposed).toBe(false);
    drop.dispose();
    drop.dispose();
    expect(fire(node, 'lm-dragenter', notebook, 0, cells).defaultPrevented).toBe(false);
  });

  it('takes neither its own snippets nor what is no cell', () => {
    const { node, drafts } = dropping();
    const own = new MimeData();
    own.setData(CELLS_MIME, []);
    own.setData(SNIPPET_MIME, {});
    expect(fire(node, 'lm-dragenter', null, 0, own).defaultPrevented).toBe(false);
    expect(fire(node, 'lm-dragenter', null, 0).defaultPrevented).toBe(false);
    expect(drafts).toEqual([]);
  });

  function native(
    node: Element,
    type: string,
    data: Record<string, string> | null
  ): Event {
    const made = new Event(type, { bubbles: true, cancelable: true });
    const dataTransfer = data && {
      types: Object.keys(data),
      getData: (kind: string) => data[kind],
      dropEffect: 'none'
    };
    node.dispatchEvent(Object.assign(made, { dataTransfer }));
    return made;
  }

  it('takes selected text, but no files', () => {
    const { node, drafts } = dropping();
    const text = { 'text/plain': 'def f():\n    pass' };
    expect(native(node, 'dragover', text).defaultPrevented).toBe(true);
    expect(lit(node)).toBe(true);
    native(node, 'drop', text);
    expect(drafts).toMatchObject([
      { name: 'f', cells: [{ source: text['text/plain'] }] }
    ]);
    native(node, 'drop', { 'text/plain': '  ' });
    expect(native(node, 'dragover', { ...text, Files: '' }).defaultPrevented).toBe(
      false
    );
    expect(native(node, 'dragover', null).defaultPrevented).toBe(false);
    expect(drafts.length).toBe(1);
  });
});
