import { runScopeHandlers } from '@codemirror/view';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import {
  CompleterModel,
  CompletionHandler,
  Completer,
  ProviderReconciliator,
  type ICompletionContext,
  type ICompletionProvider
} from '@jupyterlab/completer';
import type { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { SnippetCompletions } from '../../../src/snippets/completion/provider';
import type { Snippet } from '../../../src/snippets/schemas';
import { inSession } from '../../../src/snippets/insert/session';
import { Bench, editorOf, until } from '../insert/lab';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

function stored(prefix: string, source: string, more: Partial<Snippet> = {}): Snippet {
  return {
    id: prefix,
    name: `Name of ${prefix}`,
    description: '',
    language: 'python',
    other_languages: [],
    tags: [],
    prefixes: [prefix],
    syntax: 'vscode',
    cells: [{ kind: 'code', source }],
    scope: 'mine',
    project: null,
    version: 1,
    created: '2026-01-01T00:00:00Z',
    created_by: 'ada',
    updated: '2026-01-01T00:00:00Z',
    updated_by: 'ada',
    writable: true,
    favourite: false,
    position: null,
    uses: 0,
    used: null,
    seen_version: null,
    library: null,
    requires: [],
    unseen: false,
    ...more
  };
}

const SNIPPETS = [
  stored('rdcsv', '${1:df} = read("$LAKE/${2:name}.csv")\n$1.head()', {
    description: 'Read a file.'
  }),
  stored('rdparquet', '${1:df} = read_parquet()'),
  stored('!pip', '!pip install ${1:name}'),
  stored('Rd-all', 'all')
];

interface ITaken {
  editor: CodeMirrorEditor;
  provider: SnippetCompletions;
  context: ICompletionContext;
  inserted: Snippet[];
}

async function typed(text: string, more: { language?: string } = {}): Promise<ITaken> {
  const inserted: Snippet[] = [];
  const provider = new SnippetCompletions({
    matching: language =>
      Promise.resolve(language === (more.language ?? 'python') ? SNIPPETS : []),
    world: () => ({ lake: 'sample/lake' }),
    onInserted: snippet => inserted.push(snippet)
  });
  const panel = await bench.notebook([{ source: '' }]);
  const editor = editorOf(panel, 0);
  editor.model.mimeType = 'text/x-ipython';
  editor.editor.dispatch({
    changes: { from: 0, insert: text },
    selection: { anchor: text.length },
    userEvent: 'input.type'
  });
  return {
    editor,
    provider,
    inserted,
    context: { widget: panel, editor, session: null }
  };
}

function ask({ editor, provider, context }: ITaken) {
  const text = editor.model.sharedModel.getSource();
  return provider.fetch({ text, offset: editor.state.selection.main.head }, context);
}

describe('the offers', () => {
  it('are the snippets whose prefix begins with what is typed', async () => {
    const one = await typed('x = 1\n  rd');
    const { start, end, items } = await ask(one);
    expect([start, end]).toEqual([8, 10]);
    // The list shows what a prefix stands for beside it.
    expect(items.map(item => [item.label, item.type])).toEqual([
      ['rdcsv', 'Name of rdcsv · Read a file.'],
      ['rdparquet', 'Name of rdparquet'],
      ['Rd-all', 'Name of Rd-all']
    ]);
    expect(new Set(items.map(item => item.insertText)).size).toBe(3);
    expect(items[0].insertText).toContain('rdcsv');
  });

  it.each([
    ['nothing', ''],
    ['a blank', 'rd '],
    ['an attribute', 'df.rd'],
    ['an attribute of a call', 'f(x).rd'],
    ['another word', 'zz']
  ])('are none after %s', async (_, text) => {
    expect((await ask(await typed(text))).items).toEqual([]);
  });

  it('of a prefix with signs match what was typed since the last blank', async () => {
    const { start, items } = await ask(await typed('a !pi'));
    expect(start).toBe(3);
    expect(items.map(item => item.label)).toEqual(['!pip']);
    expect((await ask(await typed('!'))).items.map(item => item.label)).toEqual([
      '!pip'
    ]);
  });

  it('are those of the language, of a magic too', async () => {
    const python = await typed('%%sql\nrd');
    expect((await ask(python)).items).toEqual([]);
    const sql = await typed('%%sql\nrd', { language: 'sql' });
    expect((await ask(sql)).items.length).toBe(3);
  });

  it('are none where nothing may be written, and may be switched off', async () => {
    const one = await typed('rd');
    one.editor.setOption('readOnly', true);
    expect((await ask(one)).items).toEqual([]);
    expect(await one.provider.isApplicable(one.context)).toBe(true);
    expect(await one.provider.isApplicable({ ...one.context, editor: null })).toBe(
      false
    );
    const off = new SnippetCompletions({
      matching: () => Promise.resolve([]),
      world: () => ({}),
      enabled: () => false
    });
    expect(await off.isApplicable(one.context)).toBe(false);
    expect(
      (await off.fetch({ text: 'rd', offset: 2 }, { widget: new Widget() })).items
    ).toEqual([]);
  });

  it('are asked for by what is typed, and waited for a moment', async () => {
    const asked: unknown[] = [];
    const { context } = await typed('a !pi');
    const provider = new SnippetCompletions({
      matching: async (...question) => {
        asked.push(question);
        await new Promise(resolve => setTimeout(resolve, 20));
        return SNIPPETS;
      },
      world: () => ({})
    });
    const { items } = await provider.fetch({ text: 'a !pi', offset: 5 }, context);
    expect(items.length).toBe(1);
    expect(asked).toEqual([['python', ['!pi', 'pi']]]);
    const late = new SnippetCompletions({
      matching: () => new Promise(() => undefined),
      world: () => ({})
    });
    const nobody = await late.fetch({ text: 'rd', offset: 2 }, context);
    expect(nobody.items).toEqual([]);
  });

  it('come with a preview', async () => {
    const one = await typed('rd');
    const { items } = await ask(one);
    const resolved = await one.provider.resolve(items[0]);
    expect(resolved.documentation).toBe(
      'Name of rdcsv\n\nRead a file.\n\ndf = read("/name.csv")\ndf.head()'
    );
    const long = {
      ...items[0],
      snippet: stored('x', 'line\n'.repeat(100), { syntax: 'plain' })
    };
    expect((await one.provider.resolve(long)).documentation?.split('\n').length).toBe(
      43
    );
  });

  it('are a hundred at most, however many begin like that', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => stored(`p${n}`, 'x'));
    const provider = new SnippetCompletions({
      matching: () => Promise.resolve(many),
      world: () => ({})
    });
    const { editor, context } = await typed('p99');
    const { items } = await provider.fetch({ text: 'p99', offset: 3 }, context);
    expect(items.length).toBe(100);
    expect(editor.model.sharedModel.getSource()).toBe('p99');
  });
});

describe('taking an offer', () => {
  /** The completer as JupyterLab runs it, with another provider beside ours. */
  async function complete(
    one: ITaken,
    others: { start: number; labels: string[] } | null = null
  ) {
    const { editor, context, provider } = one;
    const kernel: ICompletionProvider = {
      identifier: 'kernel',
      renderer: null,
      isApplicable: () => Promise.resolve(others !== null),
      fetch: request =>
        Promise.resolve({
          start: others?.start ?? 0,
          end: request.offset,
          items: (others?.labels ?? []).map(label => ({ label }))
        })
    };
    const completer = new Completer({ editor, model: new CompleterModel() });
    Widget.attach(completer, document.body);
    const handler = new CompletionHandler({
      completer,
      reconciliator: new ProviderReconciliator({
        context,
        // In the order of their ranks, as the lab sorts them.
        providers: [provider, kernel],
        timeout: 1000
      })
    });
    handler.editor = editor;
    handler.invoke();
    const items = await until(() => {
      const found = completer.model?.completionItems();
      return found?.length && completer.isVisible ? found : null;
    });
    // The list is drawn in parts that this document never comes to, so the signal of a choice is given by hand.
    const { _selected } = completer as unknown as {
      _selected: Signal<Completer, string>;
    };
    const pick = async (label: string) => {
      const item = items.find(
        each => each.label.replace(/<\/?mark>/g, '') === label && 'snippet' in each
      );
      _selected.emit(item?.insertText ?? '');
      completer.reset();
      await until(() => completer.isHidden);
    };
    return { items, pick, completer };
  }

  it('inserts the body with its stops as one undo step', async () => {
    const one = await typed('if x:\n  rd');
    const { editor } = one;
    const { pick } = await complete(one);
    await pick('rdcsv');
    const source = () => editor.model.sharedModel.getSource();
    expect(source()).toBe('if x:\n  df = read("sample/lake/name.csv")\n  df.head()');
    expect(editor.editor.state.doc.toString()).toBe(source());
    expect(inSession(editor.editor)).toBe(true);
    expect(one.inserted.map(snippet => snippet.id)).toEqual(['rdcsv']);
    const { from, to } = editor.state.selection.main;
    expect(editor.state.sliceDoc(from, to)).toBe('df');
    editor.editor.dispatch(editor.state.replaceSelection('frame'));
    expect(source()).toContain('frame.head()');
    runScopeHandlers(
      editor.editor,
      new KeyboardEvent('keydown', { key: 'Tab' }),
      'editor'
    );
    const next = editor.state.selection.main;
    expect(editor.state.sliceDoc(next.from, next.to)).toBe('name');
    editor.undo();
    expect(source()).toContain('df.head()');
    editor.undo();
    expect(source()).toBe('if x:\n  rd');
    editor.undo();
    expect(source()).toBe('');
  });

  it('stands beside a word of the kernel that looks the same', async () => {
    const one = await typed('rd');
    const { items, pick } = await complete(one, { start: 0, labels: ['rdcsv', 'rdx'] });
    expect(items.map(item => item.label)).toEqual([
      'rdcsv',
      'rdparquet',
      'Rd-all',
      'rdcsv',
      'rdx'
    ]);
    await pick('rdparquet');
    expect(one.editor.model.sharedModel.getSource()).toBe('df = read_parquet()');
  });

  it('comes first, before and after more is typed', async () => {
    const one = await typed('rd');
    const labels = ['rd', 'rd_a', 'rdcs', 'rdb', 'rd9'];
    const { items, completer, pick } = await complete(one, { start: 0, labels });
    expect(items[0]).toMatchObject({ label: 'rdcsv' });
    expect(one.provider.rank).toBeGreaterThan(550);
    const first = (query: string): [string, boolean] => {
      completer.model!.query = query;
      const [item] = completer.model!.completionItems();
      return [item.label.replace(/<\/?mark>/g, ''), 'snippet' in item];
    };
    expect(first('rd')).toEqual(['rdcsv', true]);
    expect(first('rdc')).toEqual(['rdcsv', true]);
    expect(first('rdp')).toEqual(['rdparquet', true]);
    await pick('rdparquet');
    expect(one.editor.model.sharedModel.getSource()).toBe('df = read_parquet()');
  });

  it('replaces all that was typed, wherever another provider begins', async () => {
    const later = await typed('rd');
    await (await complete(later, { start: 1, labels: ['dx'] })).pick('rdparquet');
    expect(later.editor.model.sharedModel.getSource()).toBe('df = read_parquet()');
    const signs = await typed('a !pi');
    await (await complete(signs, { start: 3, labels: ['pie'] })).pick('!pip');
    expect(signs.editor.model.sharedModel.getSource()).toBe('a !pip install name');
  });

  it('leaves every other edit alone', async () => {
    const one = await typed('rd');
    await complete(one);
    const { editor } = one;
    editor.editor.dispatch({ changes: { from: 0, to: 2, insert: 'plain' } });
    editor.editor.dispatch({
      changes: [
        { from: 0, insert: 'a' },
        { from: 5, insert: 'b' }
      ]
    });
    editor.editor.dispatch({ changes: { from: 0, to: 1 } });
    expect(editor.model.sharedModel.getSource()).toBe('plainb');
    expect(one.inserted).toEqual([]);
  });
});
