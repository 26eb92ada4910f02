import { EditorState, Transaction } from '@codemirror/state';
import { EditorView, runScopeHandlers } from '@codemirror/view';
import { CodeEditor } from '@jupyterlab/codeeditor';
import { CodeMirrorEditor, ybinding } from '@jupyterlab/codemirror';
import { YFile } from '@jupyter/ydoc';

import { expand } from '../../../src/snippets/body/expand';
import {
  endSession,
  inSession,
  insertExpansion,
  type ISessionOptions
} from '../../../src/snippets/insert/session';

interface IBench {
  view: EditorView;
  file: YFile;
  press: (key: string, more?: KeyboardEventInit) => boolean;
  type: (text: string) => void;
  ended: string[];
  insert: (
    body: string,
    options?: Partial<ISessionOptions> & { at?: number; to?: number }
  ) => void;
  text: () => string;
  selected: () => [number, number];
}

const benches: EditorView[] = [];

/** An editor as JupyterLab makes it: bound to a shared model that keeps the undo steps. */
function bench(doc = ''): IBench {
  const file = new YFile();
  const host = document.createElement('div');
  document.body.append(host);
  const model = new CodeEditor.Model({ sharedModel: file });
  file.setSource(doc);
  file.clearUndoHistory();
  const editor = new CodeMirrorEditor({
    host,
    model,
    extensions: [ybinding({ ytext: file.ysource, undoManager: file.undoManager })]
  });
  const view = editor.editor;
  benches.push(view);
  const ended: string[] = [];
  const press = (key: string, more: KeyboardEventInit = {}) =>
    runScopeHandlers(view, new KeyboardEvent('keydown', { key, ...more }), 'editor');
  return {
    view,
    file,
    press,
    ended,
    type: text => {
      const { from, to } = view.state.selection.main;
      view.dispatch({
        changes: { from, to, insert: text },
        selection: { anchor: from + text.length },
        userEvent: 'input.type'
      });
    },
    insert: (body, options = {}) => {
      const { at = view.state.selection.main.from, to = at, ...rest } = options;
      insertExpansion(
        view,
        at,
        to,
        expand(body, () => undefined),
        {
          separateUndo: () => file.undoManager.stopCapturing(),
          onEnd: how => ended.push(how),
          ...rest
        }
      );
    },
    text: () => view.state.doc.toString(),
    selected: () => [view.state.selection.main.from, view.state.selection.main.to]
  };
}

function options(): [string, boolean][] {
  return [...document.querySelectorAll('.cm-orrery-choices li')].map(node => [
    node.textContent ?? '',
    node.getAttribute('aria-selected') === 'true'
  ]);
}

afterEach(() => {
  for (const view of benches.splice(0)) {
    view.destroy();
  }
  document.body.replaceChildren();
});

describe('insertion', () => {
  it('replaces the range, selects the first default and goes through the stops', () => {
    const { view, insert, text, selected, press, ended } = bench('old');
    insert('${2:b} ${1:a} ${3:c}$0!', { at: 0, to: 3 });
    expect(text()).toBe('b a c!');
    expect(selected()).toEqual([2, 3]);
    expect(press('Tab')).toBe(true);
    expect(selected()).toEqual([0, 1]);
    press('Tab');
    expect(selected()).toEqual([4, 5]);
    expect(press('Tab', { shiftKey: true })).toBe(true);
    expect(selected()).toEqual([0, 1]);
    press('Tab');
    press('Tab');
    expect(selected()).toEqual([5, 5]);
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['done']);
    expect(press('Tab')).toBe(false);
  });

  it('stays at the first stop when Shift-Tab is pressed there', () => {
    const { insert, selected, press, view } = bench();
    insert('${1:a} ${2:b}');
    expect(press('Tab', { shiftKey: true })).toBe(true);
    expect(selected()).toEqual([0, 1]);
    expect(inSession(view)).toBe(true);
  });

  it('of a body without stops begins nothing', () => {
    const { insert, text, selected, ended, view } = bench('[]');
    insert('a$0b', { at: 1 });
    expect(text()).toBe('[ab]');
    expect(selected()).toEqual([2, 2]);
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['done']);
  });

  it('selects a default of the last stop', () => {
    const { insert, selected, press } = bench();
    insert('f($1): ${0:pass}');
    press('Tab');
    expect(selected()).toEqual([5, 9]);
  });

  it('is one undo step, apart from what was typed before and after', () => {
    const { insert, text, type, file } = bench('x');
    const view = benches[0];
    view.dispatch({ selection: { anchor: 1 } });
    type('y');
    insert('${1:a} = $1');
    type('b');
    expect(text()).toBe('xyb = b');
    expect(file.getSource()).toBe('xyb = b');
    file.undo();
    expect(text()).toBe('xya = a');
    file.undo();
    expect(text()).toBe('xy');
    file.undo();
    expect(text()).toBe('x');
    file.redo();
    file.redo();
    expect(text()).toBe('xya = a');
  });
});

describe('mirrors', () => {
  it('follow what is typed, before and after', () => {
    const { insert, type, text, view, selected } = bench('# ');
    insert('$1 = ${1:df}.copy() # $1', { at: 2 });
    expect(selected()).toEqual([2, 4]);
    type('sales');
    expect(text()).toBe('# sales = sales.copy() # sales');
    type('_');
    expect(text()).toBe('# sales_ = sales_.copy() # sales_');
    const { head } = view.state.selection.main;
    view.dispatch({ changes: { from: head - 3, to: head }, userEvent: 'delete' });
    expect(text()).toBe('# sal = sal.copy() # sal');
    expect(selected()).toEqual([5, 5]);
  });

  it('follow from the second place too', () => {
    const { insert, type, text, view } = bench();
    insert('${1:a}-$1-$1');
    view.dispatch({ selection: { anchor: 3 } });
    type('b');
    expect(text()).toBe('ab-ab-ab');
    expect(view.state.selection.main.head).toBe(5);
  });

  it('show what a transform makes', () => {
    const { insert, type, text } = bench();
    insert('class ${1/(.*)/${1:/pascalcase}/}: # ${1:name}');
    expect(text()).toBe('class Name: # name');
    type('my_point');
    expect(text()).toBe('class MyPoint: # my_point');
  });

  it('that touch each other stay in order', () => {
    const { insert, type, text, press, selected } = bench();
    insert('$1$2$1$3');
    type('a');
    type('b');
    expect(text()).toBe('abab');
    press('Tab');
    expect(selected()).toEqual([2, 2]);
    type('-');
    expect(text()).toBe('ab-ab');
    press('Tab');
    type('!');
    expect(text()).toBe('ab-ab!');
  });

  it('are undone with the typing in one step', () => {
    const { insert, type, text, file } = bench();
    insert('${1:a} $1 $1');
    type('long');
    file.undo();
    expect(text()).toBe('a a a');
    const view = benches[0];
    expect(inSession(view)).toBe(true);
    view.dispatch({ selection: { anchor: 0, head: 1 } });
    type('c');
    expect(text()).toBe('c c c');
  });

  it('do not copy what somebody else writes', () => {
    const { insert, text, file, type } = bench();
    insert('${1:a} $1');
    file.updateSource(0, 0, 'zz ');
    expect(text()).toBe('zz a a');
    type('b');
    expect(text()).toBe('zz b b');
  });
});

describe('nested stops', () => {
  it('grow what is around them, and what is after moves', () => {
    const { insert, type, text, press, selected } = bench();
    insert('${1:f(${2:x}, ${3:y})} $4');
    expect(selected()).toEqual([0, 7]);
    press('Tab');
    type('value');
    expect(text()).toBe('f(value, y) ');
    press('Tab');
    expect(selected()).toEqual([9, 10]);
    press('Tab');
    expect(selected()).toEqual([12, 12]);
    press('Tab', { shiftKey: true });
    press('Tab', { shiftKey: true });
    press('Tab', { shiftKey: true });
    expect(selected()).toEqual([0, 11]);
  });

  it('go when what they are in is typed over', () => {
    const { insert, type, text, press, selected } = bench();
    insert('${1:f(${2:x})} ${3:z}');
    type('g');
    expect(text()).toBe('g z');
    press('Tab');
    expect(selected()).toEqual([2, 3]);
  });

  it('keep their place when the text around them is edited', () => {
    const { insert, view, press, selected, text } = bench();
    insert('${1:ab${2:x}cd}');
    view.dispatch({ changes: { from: 0, insert: '__' }, selection: { anchor: 2 } });
    expect(text()).toBe('__abxcd');
    press('Tab');
    expect(selected()).toEqual([4, 5]);
  });

  it('are mirrored with their stop', () => {
    const { insert, press, type, text } = bench();
    insert('${1:a ${2:b}} / $1');
    expect(text()).toBe('a b / a b');
    press('Tab');
    type('c');
    expect(text()).toBe('a c / a c');
  });
});

describe('the end', () => {
  it('comes with Escape, which otherwise does nothing here', () => {
    const { insert, view, press, ended, text } = bench();
    insert('${1:a}');
    expect(press('Escape')).toBe(true);
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['left']);
    expect(text()).toBe('a');
    expect(press('Escape')).toBe(false);
  });

  it('comes when the cursor leaves the stops', () => {
    const { insert, view, ended } = bench('before\n');
    insert('${1:a} and ${2:b}', { at: 7 });
    view.dispatch({ selection: { anchor: 0 } });
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['left']);
  });

  it('does not come when the cursor goes to another stop', () => {
    const { insert, view, type, text, press, selected } = bench();
    insert('${1:a} and ${2:b} $2');
    view.dispatch({ selection: { anchor: 7 } });
    expect(inSession(view)).toBe(true);
    type('x');
    expect(text()).toBe('a and bx bx');
    press('Tab', { shiftKey: true });
    expect(selected()).toEqual([0, 1]);
  });

  it('comes when the snippet is undone', () => {
    const { insert, view, file, ended } = bench('x');
    insert('${1:a} ${2:b}', { at: 1 });
    file.undo();
    expect(file.getSource()).toBe('x');
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['left']);
  });

  it('comes when the editor loses the focus to another place', async () => {
    const { insert, view, ended } = bench();
    const other = document.body.appendChild(document.createElement('button'));
    view.focus();
    insert('${1:a}');
    const focused = jest.spyOn(document, 'hasFocus').mockReturnValue(false);
    view.contentDOM.blur();
    await new Promise(resolve => setTimeout(resolve));
    expect(inSession(view)).toBe(true);
    focused.mockReturnValue(true);
    view.focus();
    other.focus();
    await new Promise(resolve => setTimeout(resolve));
    expect(inSession(view)).toBe(false);
    expect(ended).toEqual(['left']);
    focused.mockRestore();
  });

  it.each(['orrery-panel', 'jp-Dialog', 'lm-Menu', 'jp-ModalCommandPalette'])(
    'waits while the focus is in .%s, from where a snippet comes into a stop',
    async className => {
      const { insert, view, ended, press, text, selected } = bench();
      const [passing, elsewhere] = [className, ''].map(name => {
        const host = document.body.appendChild(document.createElement('div'));
        host.className = name;
        return host.appendChild(document.createElement('button'));
      });
      const go = async (to: { focus: () => void }): Promise<void> => {
        to.focus();
        await new Promise(resolve => setTimeout(resolve));
        await new Promise(resolve => setTimeout(resolve));
      };
      view.focus();
      insert('x = ${1:one} + ${2:two}');
      await go(passing);
      expect(inSession(view)).toBe(true);
      insert('f(${1:v})', { to: selected()[1] });
      await go(view);
      press('Tab');
      press('Tab');
      expect(text().slice(...selected())).toBe('two');
      await go(passing);
      await go(elsewhere);
      expect(inSession(view)).toBe(false);
      expect(ended).toEqual(['done', 'left']);
      [passing, elsewhere].forEach(button => button.parentElement!.remove());
    }
  );

  it('may be asked for, once', () => {
    const { insert, view, ended } = bench();
    insert('${1:a}');
    endSession(view);
    endSession(view);
    expect(ended).toEqual(['left']);
  });

  it('comes to a nested session first, and the one around it goes on', () => {
    const { insert, view, text, press, selected, ended } = bench();
    insert('f(${1:a}, $2, $1)');
    insert('plain', { at: 2, to: 3 });
    expect(text()).toBe('f(plain, , plain)');
    press('Tab');
    expect(selected()).toEqual([9, 9]);
    insert('${1:x}+${2:y}');
    expect(text()).toBe('f(plain, x+y, plain)');
    expect(selected()).toEqual([9, 10]);
    press('Tab');
    expect(selected()).toEqual([11, 12]);
    press('Tab');
    expect(selected()).toEqual([12, 12]);
    expect(ended).toEqual(['done', 'done']);
    expect(inSession(view)).toBe(true);
    press('Tab', { shiftKey: true });
    expect(selected()).toEqual([2, 7]);
    press('Tab');
    press('Tab');
    expect(inSession(view)).toBe(false);
    expect(selected()).toEqual([20, 20]);
    expect(ended).toEqual(['done', 'done', 'done']);
  });

  it('comes to a nested session that is left or undone, and not to the one around it', () => {
    const { insert, view, text, press, selected, ended } = bench();
    insert('f(${1:a}, ${2:b})');
    insert('g(${1:x})', { at: 2, to: 3 });
    press('Escape');
    expect(ended).toEqual(['left']);
    expect(inSession(view)).toBe(true);
    press('Tab');
    expect(text()).toBe('f(g(x), b)');
    expect(selected()).toEqual([8, 9]);
    insert('${1:y}', { at: 8, to: 9 });
    insert('${1:z}', { at: 8, to: 9 });
    press('Tab');
    press('Tab');
    expect(inSession(view)).toBe(true);
    press('Tab');
    expect(inSession(view)).toBe(false);
  });

  it('comes to every session when another begins elsewhere', () => {
    const { insert, view, ended } = bench();
    insert('f(${1:a}, $2)');
    insert('${1:b}', { at: 0, to: 0 });
    expect(ended).toEqual(['left']);
    expect(inSession(view)).toBe(true);
  });
});

describe('keys', () => {
  it('give way to an open completer', () => {
    const { insert, press, view } = bench();
    insert('${1:a} ${2|x,y|}');
    view.dom.parentElement?.classList.add('jp-mod-completer-active');
    for (const key of ['Tab', 'Escape', 'ArrowDown', 'Enter']) {
      expect(press(key)).toBe(false);
    }
    view.dom.parentElement?.classList.remove('jp-mod-completer-active');
    expect(press('Tab')).toBe(true);
  });

  it("without a list are the editor's own", () => {
    const { insert, press } = bench();
    insert('${1:a}');
    for (const key of ['ArrowDown', 'ArrowUp', 'Enter']) {
      expect(press(key)).toBe(false);
    }
    expect(press('ArrowDown', { altKey: true })).toBe(false);
  });
});

describe('choices', () => {
  it('are a listbox that arrows and Enter work', () => {
    const { insert, press, text, view, selected } = bench();
    insert('load(${1|wine,iris,digits|}) # $1');
    expect(options()).toEqual([
      ['wine', true],
      ['iris', false],
      ['digits', false]
    ]);
    const list = document.querySelector('.cm-orrery-choices');
    expect(list?.getAttribute('role')).toBe('listbox');
    expect(list?.getAttribute('aria-label')).toBe('Field 1 of 1');
    expect(view.contentDOM.getAttribute('aria-controls')).toBe(list?.id);
    press('ArrowDown');
    expect(view.contentDOM.getAttribute('aria-activedescendant')).toBe(`${list?.id}-1`);
    press('ArrowUp');
    press('ArrowUp');
    expect(options()[2]).toEqual(['digits', true]);
    expect(press('Enter')).toBe(true);
    expect(text()).toBe('load(digits) # digits');
    expect(selected()).toEqual([11, 11]);
    expect(options()).toEqual([]);
    expect(inSession(view)).toBe(true);
    expect(press('Enter')).toBe(false);
  });

  it('are narrowed by typing', () => {
    const { insert, type, press, text } = bench();
    insert('${1|wine,iris,digits|}');
    type('i');
    expect(options()).toEqual([
      ['iris', true],
      ['wine', false],
      ['digits', false]
    ]);
    type('g');
    expect(options()).toEqual([['digits', true]]);
    press('Enter');
    expect(text()).toBe('digits');
  });

  it('are gone when nothing fits, or with Escape, and come back with Alt-ArrowDown', () => {
    const { insert, type, press, view } = bench();
    insert('${1|a,b|}');
    type('zzz');
    expect(options()).toEqual([]);
    expect(press('ArrowDown', { altKey: true })).toBe(true);
    expect(options().length).toBe(2);
    expect(press('Escape')).toBe(true);
    expect(options()).toEqual([]);
    expect(inSession(view)).toBe(true);
  });

  it('are taken by a click', () => {
    const { insert, text } = bench();
    insert('${1|a,b|}');
    const list = document.querySelector('.cm-orrery-choices');
    const press = new MouseEvent('mousedown', { bubbles: true, cancelable: true });
    list?.children[1].dispatchEvent(press);
    expect(press.defaultPrevented).toBe(true);
    expect(text()).toBe('b');
  });

  it('close when the person goes on', () => {
    const { insert, press } = bench();
    insert('${1|a,b|} $2');
    press('Tab');
    expect(options()).toEqual([]);
    press('Tab', { shiftKey: true });
    expect(options().length).toBe(2);
  });
});

describe('what is seen', () => {
  it('are quiet marks, and gaps where nothing is', () => {
    const { insert, view, press } = bench();
    insert('${1:a} $2 ${3:c}');
    const seen = () =>
      [...view.contentDOM.querySelectorAll('.cm-orrery-stop, .cm-orrery-gap')].map(
        node => [node.textContent, node.classList.contains('cm-orrery-stop-active')]
      );
    expect(seen()).toEqual([
      ['a', true],
      ['', false],
      ['c', false]
    ]);
    press('Tab');
    expect(seen()[1]).toEqual(['', true]);
    press('Escape');
    expect(seen()).toEqual([]);
  });

  it('is told to a screen reader in the words given', () => {
    const { insert, view, press } = bench();
    insert('${1:a} ${2:b}', {
      label: (position, count) => `Stelle ${position} von ${count}`
    });
    expect(view.dom.querySelector('[aria-live]')?.textContent).toBe('Stelle 1 von 2');
    press('Tab');
    expect(view.dom.querySelector('[aria-live]')?.textContent).toBe('Stelle 2 von 2');
  });
});

describe('an editor without a shared model', () => {
  it('takes snippets as well', () => {
    const view = new EditorView({ state: EditorState.create({ doc: '' }) });
    benches.push(view);
    insertExpansion(
      view,
      0,
      0,
      expand('${1:a}$1', () => undefined)
    );
    expect(view.state.doc.toString()).toBe('aa');
    view.dispatch({
      changes: { from: 0, to: 1, insert: 'b' },
      annotations: Transaction.userEvent.of('undo')
    });
    expect(view.state.doc.toString()).toBe('ba');
  });
});
